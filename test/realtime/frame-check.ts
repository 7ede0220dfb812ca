import { readFileSync } from 'node:fs';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { resolve } from '../support/routes.js';

type Reference = { $ref: string };

/** Those of asyncapi.json. */
export type Operation = 'sendFrames' | 'receiveFrames' | 'sendEvents';

const document = JSON.parse(readFileSync('asyncapi.json', 'utf8')) as {
  operations: Record<Operation, { messages: Reference[] }>;
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'asyncapi', ...document });

const validators = new Map<string, ValidateFunction>();

function validatorOf(operation: Operation, type: unknown): ValidateFunction {
  const key = `${operation} ${String(type)}`;
  const known = validators.get(key);
  if (known) return known;
  const messages = document.operations[operation].messages.map((one) => resolve(document, one));
  const message = messages.find(({ name }) => name === type);
  if (!message) throw new Error(`asyncapi.json has no ${key}.`);
  const validator = ajv.compile({ $ref: `asyncapi${message.payload.$ref}`, unevaluatedProperties: false });
  validators.set(key, validator);
  return validator;
}

/** Throws if asyncapi.json does not describe the frame, or describes it without one of its fields. */
export function checkFrame(operation: Operation, frame: object): void {
  const validate = validatorOf(operation, 'type' in frame ? frame.type : undefined);
  if (validate(frame)) return;
  throw new Error(
    `A frame differs from asyncapi.json: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(frame)}`,
  );
}
