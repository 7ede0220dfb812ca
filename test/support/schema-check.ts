import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Answer, Sent } from './http.js';
import { resolve } from './routes.js';

type Response = { content?: Record<string, { schema: object }> };
type Operation = { responses: Record<string, Response> };

/** Holds every response that a test gets against what the OpenAPI document says of its route, error codes included. */
export function createSchemaCheck(document: OpenAPIObject): (sent: Sent, answer: Answer) => void {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(JSON.parse(JSON.stringify({ $id: 'document', ...document })) as object);
  // Compiled anew for each answer it would cost more than the request, and Ajv keeps all that it compiles.
  const compiled = new Map<object, ValidateFunction>();
  const validatorOf = (schema: object): ValidateFunction => {
    const known = compiled.get(schema);
    if (known) return known;
    const inDocument = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object;
    const validator = ajv.compile(inDocument);
    compiled.set(schema, validator);
    return validator;
  };
  const patterns = Object.entries(document.paths).map(([path, methods]) => ({
    path,
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
    methods: methods as unknown as Record<string, Operation>,
  }));

  return ({ method, path }, { status, body, headers }) => {
    const pathname = path.split('?')[0]!.replace(/^\/api\/(?!v1\/)/, '/api/v1/');
    const known = patterns.find(
      ({ pattern, methods }) => pattern.test(pathname) && method.toLowerCase() in methods,
    );
    if (!known) return;
    const route = `${method} ${known.path}`;
    const documented = known.methods[method.toLowerCase()]!.responses[status];
    if (!documented)
      throw new Error(`${route} answered ${status}, which is not documented: ${JSON.stringify(body)}`);
    const response = resolve(document, documented) as Response;
    const [type, content] = Object.entries(response.content ?? {})[0] ?? [];
    if (!type || !content) {
      if (body !== undefined)
        throw new Error(`${route} answered ${status} with a body, which is not documented`);
      return;
    }
    if (!headers['content-type']?.startsWith(type)) {
      throw new Error(`${route} answered ${headers['content-type']}, not ${type}`);
    }
    if (body === undefined) return;
    const validate = validatorOf(content.schema);
    if (!validate(body)) {
      const errors = ajv.errorsText(validate.errors);
      throw new Error(`${route} ${status} differs from its schema: ${errors} in ${JSON.stringify(body)}`);
    }
  };
}
