import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { generatedFiles } from '#scripts/generate/contract.ts';

const root = new URL('../../', import.meta.url);

t.test(
  'schemas, AsyncAPI document and profile schema in the repository are what the code generates',
  async (t) => {
    for (const [path, text] of generatedFiles()) {
      t.equal(
        readFileSync(new URL(path, root), 'utf8'),
        text,
        `${path} is current (node scripts/generate/contract.ts makes it)`,
      );
    }
  },
);

t.test('the AsyncAPI document is valid by the published 3.0.0 schema', async (t) => {
  const asyncapiSchema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = ajv.compile(asyncapiSchema);
  const document = JSON.parse(readFileSync(new URL('contract/generated/asyncapi.json', root), 'utf8'));
  t.equal(validate(document), true, JSON.stringify(validate.errors?.slice(0, 3)));
  t.equal(validate({ ...document, channels: 7 }), false, 'and the check can fail');
});

t.test('every generated JSON Schema compiles', async (t) => {
  for (const [path, text] of generatedFiles()) {
    if (!path.includes('.schema.json')) continue;
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    t.doesNotThrow(() => ajv.compile(JSON.parse(text)), path);
  }
});
