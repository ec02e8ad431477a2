import { LascauxError, parseJson } from '@lascaux/nn';
import type { FastifyInstance } from 'fastify';

/** Values of one body: requests have dozens. */
const MOST_VALUES = 100_000;

/** Lets an application read JSON that anybody may have written: nested and filled within limits; an empty body is none. */
export function acceptJson(app: FastifyInstance): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, text, done) => {
    try {
      done(null, text === '' ? undefined : parseJson(String(text), { name: 'body', values: MOST_VALUES }));
    } catch (cause) {
      const rule = cause instanceof LascauxError ? cause.rule : 'must be JSON';
      done(new LascauxError({ operation: 'body', rule, kind: 'usage', cause }));
    }
  });
}
