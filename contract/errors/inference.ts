import type { ErrorEntry } from './entry.ts';

/** 2450–2459: the learned detector that an operator may supply (docs/learned-detector.md). */
export const INFERENCE_ERRORS = {
  WP2450: {
    message: 'The package that runs models of this kind is not installed.',
    hint: 'npm install onnxruntime-node, or npm install @tensorflow/tfjs-core @tensorflow/tfjs-converter @tensorflow/tfjs-backend-wasm; without it all is judged as without a model.',
    retryable: false,
  },
  WP2451: {
    message: 'The model cannot be read from its file.',
    hint: 'Check camera.model.file in the profile, and that the device may read it with the weights beside it.',
    retryable: true,
  },
  WP2452: {
    message: 'The file holds no model that its backend can run.',
    hint: 'onnx wants an ONNX file, tfjs the model.json of a TensorFlow.js graph model; export it again.',
    retryable: false,
  },
  WP2453: {
    message: 'The model takes another input than the profile describes.',
    hint: 'Give camera.model.input the name, size, order and type that the detail names.',
    retryable: false,
  },
  WP2454: {
    message: 'The model gives other outputs than the layout in the profile describes.',
    hint: 'Give camera.model.layout the outputs that the detail names; scripts/watchpost camera model shows them.',
    retryable: false,
  },
  WP2455: {
    message: 'The model took too long to look at a picture.',
    hint: 'Take a smaller model, or a longer camera.model.timeoutMs; it is started again by itself.',
    retryable: true,
  },
  WP2456: {
    message: 'The worker that runs the model ended unexpectedly.',
    hint: 'It is started again by itself; things left behind are judged without it.',
    retryable: true,
  },
  WP2457: {
    message: 'The model cannot be asked now.',
    hint: 'It is being loaded, started again, or still looking; things left behind are judged without it.',
    retryable: true,
  },
  WP2458: {
    message: 'The model failed while looking at a picture.',
    hint: 'Try it with scripts/watchpost camera model; the detail is what the backend said.',
    retryable: true,
  },
  WP2459: {
    message: 'The profile describes no model.',
    hint: 'Add camera.model to the profile; docs/learned-detector.md shows how.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
