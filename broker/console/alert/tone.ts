/** Two short tones a fourth apart: heard over talk, unlike a telephone, and no siren that hides speech. */
const NOTES = [
  { hertz: 880, atS: 0, forS: 0.22 },
  { hertz: 1175, atS: 0.26, forS: 0.3 },
] as const;
const LOUDNESS = 0.35;
const EDGE_S = 0.015;

/** The alarm tone. Browsers give a page no sound before somebody has clicked or typed in it. */
export class Tone {
  #audio: AudioContext | null = null;

  /** Call this from a click or key; resolves to whether there is sound from now on. */
  async unlock(): Promise<boolean> {
    this.#audio ??= new AudioContext();
    await this.#audio.resume();
    return this.#audio.state === 'running';
  }

  ring(): void {
    const audio = this.#audio;
    if (audio === null || audio.state !== 'running') return;
    for (const note of NOTES) play(audio, note);
  }
}

function play(audio: AudioContext, { hertz, atS, forS }: (typeof NOTES)[number]): void {
  const startS = audio.currentTime + atS;
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, startS);
  gain.gain.linearRampToValueAtTime(LOUDNESS, startS + EDGE_S);
  gain.gain.setValueAtTime(LOUDNESS, startS + forS - EDGE_S);
  gain.gain.linearRampToValueAtTime(0, startS + forS);
  const oscillator = new OscillatorNode(audio, { type: 'triangle', frequency: hertz });
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(startS);
  oscillator.stop(startS + forS);
}
