import { parentPort, workerData } from 'node:worker_threads';
import { readForBroker } from './map-reading.ts';

/** Reads one folder and ends. */
const reading = readForBroker(String(workerData));
const plans = [...(reading.map?.floors.values() ?? [])].map(({ plan }) => plan.codes.buffer);
const pictures = [...reading.pictures.values()].map(({ buffer }) => buffer);
const owned = [...plans, ...pictures, reading.graph.buffer].filter((buffer) => buffer instanceof ArrayBuffer);
parentPort?.postMessage(reading, owned);
