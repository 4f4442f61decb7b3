import * as core from '@tensorflow/tfjs-core';
import t, { type Test } from 'tap';
import { Model } from '#agent/drivers/inference/model.ts';
import { openTfjs } from '#agent/drivers/inference/tfjs.ts';
import { ssdNetwork } from '#scripts/models/sample-networks.ts';
import { greyPicture, sampleModel } from './sample-models.ts';

const PICTURE = greyPicture(64, 64, [{ x: 8, y: 16, w: 8, h: 8, level: 255 }]);

async function sightsWith(t: Test, importer: (name: string) => Promise<unknown>) {
  const layout = { family: 'ssd', boxes: 'boxes', classes: 'classes', scores: 'scores' };
  const config = sampleModel('tfjs', t.testdir(), ssdNetwork(), { layout });
  const model = new Model(config, await openTfjs(config, importer));
  t.teardown(() => model.close());
  return { backend: model.backend, sights: await model.look(PICTURE) };
}

const missing = async (name: string): Promise<unknown> => {
  throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
};
const broken = async (): Promise<unknown> => {
  throw Object.assign(new Error('libtensorflow.so.2: cannot open'), { code: 'ERR_DLOPEN_FAILED' });
};

t.test(
  'without tfjs-node, or with one that does not load here, WebAssembly is used and the reason is said',
  async (t) => {
    const without = await sightsWith(t, missing);
    t.match(without.backend, /^tfjs \d.* wasm$/);
    t.match(without.sights, [{ label: 'person', box: [0.125, 0.25, 0.125, 0.125] }]);
    const unfit = await sightsWith(t, broken);
    t.match(unfit.backend, /wasm, since @tensorflow\/tfjs-node does not load: libtensorflow/);
    t.same(unfit.sights, without.sights);
  },
);

t.test('with tfjs-node its backend is used', async (t) => {
  // What importing tfjs-node does: it registers a backend of this name with the core. This one computes as before.
  const importer = async (name: string): Promise<unknown> => {
    t.equal(name, '@tensorflow/tfjs-node');
    core.registerBackend('tensorflow', core.findBackendFactory('wasm'));
    core.copyRegisteredKernels('wasm', 'tensorflow');
    return {};
  };
  const { backend, sights } = await sightsWith(t, importer);
  t.match(backend, /^tfjs \d.* tensorflow$/);
  t.equal(core.getBackend(), 'tensorflow');
  t.match(sights, [{ label: 'person', box: [0.125, 0.25, 0.125, 0.125] }]);
});
