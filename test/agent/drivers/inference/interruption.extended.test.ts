import { once } from 'node:events';
import t from 'tap';
import { WorkerDetector } from '#agent/drivers/inference/worker-detector.ts';
import { systemClock } from '#contract/clock.ts';
import { mobileNet } from '#scripts/models/mobile-net.ts';
import type { Network, NetworkNode } from '#scripts/models/network.ts';
import { type BackendName, greyPicture, sampleModel } from './sample-models.ts';

const HEAVY = {
  layout: { family: 'ssd', boxes: 'boxes', scores: 'scores', firstClass: 0 },
  timeoutMs: 100,
};
const PICTURE = greyPicture(64, 64, []);

/** Convolutions of 64 channels at full size: tens of thousands of millions of multiplications. */
function convolutions(size: number, layers: number): Network {
  const cells = size * size;
  const nodes: NetworkNode[] = [];
  for (let layer = 0; layer <= layers; layer++) {
    const [from, inputs] = layer === 0 ? ['image', 3] : [`layer${layer - 1}`, 64];
    const out = layer === layers ? 2 : 64;
    const weights = new Float32Array(out * inputs * 9);
    const shape = { in: inputs, out, kernel: 3, stride: 1, isDepthwise: false };
    nodes.push({
      op: 'convolution',
      name: `layer${layer}`,
      from,
      ...shape,
      weights,
      bias: new Float32Array(out),
    });
  }
  nodes.push(
    { op: 'flatten', name: 'byClass', from: `layer${layers}`, channels: 2, cells },
    { op: 'transpose', name: 'scores', from: 'byClass' },
    { op: 'constant', name: 'boxes', shape: [1, cells, 4], data: new Float32Array(cells * 4) },
  );
  return {
    input: { name: 'image', width: size, height: size, type: 'float32' },
    nodes,
    outputs: [
      { name: 'boxes', shape: [1, cells, 4] },
      { name: 'scores', shape: [1, cells, 2] },
    ],
  };
}

async function ready(backend: BackendName, folder: string, network: Network) {
  const events = new EventTarget();
  const detector = new WorkerDetector({
    config: sampleModel(backend, folder, network, HEAVY),
    clock: systemClock,
    onReady: () => events.dispatchEvent(new Event('ready')),
  });
  const loaded = once(events, 'ready');
  detector.start();
  await loaded;
  return { detector, events };
}

t.test(
  'native code that is closed in the middle of a look ends in peace, and takes nobody with it',
  async (t) => {
    const { detector } = await ready('onnx', t.testdir(), convolutions(384, 10));
    await t.rejects(detector.look(PICTURE), { code: 'WP2455', detail: 'more than 100 ms' });
    await t.rejects(detector.look(PICTURE), { code: 'WP2455' }, 'it is still busy');
    await detector.close();
    t.pass('the process is alive: interrupted, it would have been aborted');
  },
);

t.test('WebAssembly that takes too long is ended in the middle of a look, and started again', async (t) => {
  const { detector, events } = await ready('tfjs', t.testdir(), mobileNet(1280));
  await t.rejects(detector.look(PICTURE), { code: 'WP2455', detail: 'more than 100 ms' });
  await once(events, 'ready');
  await detector.close();
});
