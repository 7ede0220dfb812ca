import type { OpenAPIObject } from '@nestjs/swagger';
import { routesOf } from './document-types.js';

const DESCRIPTIONS: Record<string, string> = {
  200: 'The request succeeded.',
  201: 'Created.',
  202: 'Accepted: the rest is done in the background.',
  204: 'Done. There is no body.',
};

/** Describes the success responses that a controller does not describe. */
export function describeSuccesses(document: OpenAPIObject): void {
  for (const { operation } of routesOf(document)) {
    for (const [status, response] of Object.entries(operation.responses)) {
      if (response && 'description' in response)
        response.description ||= DESCRIPTIONS[status] ?? `HTTP ${status}.`;
    }
  }
}
