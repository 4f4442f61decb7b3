const SIZE = { fontPx: 13, lineHeight: 18, margin: 16, characterWidth: 7.83 } as const;
const COLOURS: readonly (readonly [RegExp, string])[] = [
  [/^\$ /, '#ffffff'],
  [/^(✓|PASSED)/, '#7ee787'],
  [/^!!/, '#ffa657'],
  [/^next: /, '#79c0ff'],
];
const PLAIN = '#c9d1d9';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What a terminal has shown, as SVG. */
export function terminalPicture(text: string): string {
  const { fontPx, lineHeight, margin, characterWidth } = SIZE;
  const lines = text.split('\n');
  const longest = Math.max(...lines.map((line) => line.length));
  const [width, height] = [
    Math.ceil(longest * characterWidth) + 2 * margin,
    lines.length * lineHeight + 2 * margin,
  ];
  const shown = lines.map((line, index) => {
    const colour = COLOURS.find(([pattern]) => pattern.test(line))?.[1] ?? PLAIN;
    return `<text x="${margin}" y="${margin + (index + 1) * lineHeight - 5}" fill="${colour}">${escaped(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', monospace" font-size="${fontPx}" xml:space="preserve">`,
    ...shown,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
