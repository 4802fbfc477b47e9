// The picture of the README, in a light and a dark form, as SVG. `npm run docs` writes
// docs/ringfence-*.svg.

/** The colours of GitHub's two themes. The background stays transparent. */
interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly fill: string;
  readonly edge: string;
  readonly good: string;
  readonly bad: string;
}

const palettes = {
  light: {
    text: '#1f2328',
    muted: '#59636e',
    line: '#59636e',
    fill: '#f6f8fa',
    edge: '#818b98',
    good: '#1a7f37',
    bad: '#d1242f',
  },
  dark: {
    text: '#f0f6fc',
    muted: '#9198a1',
    line: '#9198a1',
    fill: '#151b23',
    edge: '#656c76',
    good: '#3fb950',
    bad: '#f85149',
  },
} as const satisfies Record<string, Palette>;

export type Theme = keyof typeof palettes;
export const themes = Object.keys(palettes) as readonly Theme[];

/** The alternative text, for readers who do not see the picture. */
export const alternative =
  'A Pod goes to the API server, which asks Ringfence. Ringfence reads the baseline live, makes it if it is missing, and admits or refuses the Pod. Below, its controller watches namespaces and NetworkPolicies and applies the baseline again where it differs.';

type Colour = keyof Palette;

export function renderPicture(theme: Theme): string {
  const palette = palettes[theme];
  const colours = Object.keys(palette) as readonly Colour[];
  const markers = (['line', 'good', 'bad'] as const).map(
    (colour) =>
      `<marker id="${colour}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="${palette[colour]}"/></marker>`,
  );
  const parts = [...boxes(), ...review(), ...loop()].map((part) =>
    colours.reduce((text, colour) => text.replaceAll(`{${colour}}`, palette[colour]), part),
  );
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 440" font-family="-apple-system, BlinkMacSystemFont, \'Segoe UI\', \'Noto Sans\', Helvetica, Arial, sans-serif" font-size="15" role="img">',
    `<title>${alternative}</title>`,
    `<defs>${markers.join('')}</defs>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** The boxes: the writer, the API server, Ringfence with its two halves, and a fenced namespace. */
function boxes(): readonly string[] {
  return [
    box(10, 62, 180, 130),
    title(100, 100, 'Pod'),
    code(100, 126, 'tier=api'),
    note(100, 150, 'from kubectl, CI,'),
    note(100, 169, 'or a controller'),
    box(350, 20, 110, 400),
    title(405, 216, 'API'),
    title(405, 240, 'server'),
    box(720, 20, 230, 212),
    title(835, 116, 'Ringfence webhook'),
    note(835, 142, 'judges each write'),
    box(720, 260, 230, 160),
    title(835, 328, 'Ringfence controller'),
    note(835, 354, 'compares every baseline'),
    note(835, 373, 'with its desired state'),
    box(10, 275, 180, 130),
    title(100, 318, 'Fenced namespace'),
    code(100, 348, 'deny-all-baseline'),
    code(100, 370, 'allow-dns-egress'),
    '<path d="M350 340H190" stroke="{line}" stroke-width="1.5" stroke-dasharray="4 4"/>',
  ];
}

/** The path of a write: one review and its answer. */
function review(): readonly string[] {
  return [
    arrow(190, 350, 96, 'create', 'line'),
    arrow(350, 190, 156, 'admitted or refused', 'bad', 'muted'),
    arrow(460, 720, 66, '1. sends the Pod for review', 'line'),
    arrow(720, 460, 110, '2. reads the baseline live', 'line'),
    arrow(720, 460, 154, '3. makes it if it is missing', 'good'),
    arrow(720, 460, 198, '4. admits, or refuses with a fix', 'bad'),
  ];
}

/** The loop of the controller, which needs no write to begin. */
function loop(): readonly string[] {
  return [
    arrow(460, 720, 308, 'watch: something has changed', 'line'),
    arrow(720, 460, 374, 'apply only what differs', 'good'),
  ];
}

function box(x: number, y: number, width: number, height: number): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="{fill}" stroke="{edge}"/>`;
}

function title(x: number, y: number, words: string): string {
  return `<text x="${x}" y="${y}" text-anchor="middle" font-size="18" font-weight="600" fill="{text}">${words}</text>`;
}

function note(x: number, y: number, words: string): string {
  return `<text x="${x}" y="${y}" text-anchor="middle" font-size="14" fill="{muted}">${words}</text>`;
}

function code(x: number, y: number, words: string): string {
  const font = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
  return `<text x="${x}" y="${y}" text-anchor="middle" font-family="${font}" fill="{text}">${words}</text>`;
}

/** A horizontal arrow with its words above it. */
function arrow(
  from: number,
  to: number,
  y: number,
  words: string,
  colour: 'line' | 'good' | 'bad',
  ink: Colour = 'text',
): string {
  const middle = (from + to) / 2;
  const label = `<text x="${middle}" y="${y - 8}" text-anchor="middle" fill="{${ink}}">${words}</text>`;
  const path = `<path d="M${from} ${y}H${to > from ? to - 2 : to + 2}" stroke="{${colour}}" stroke-width="1.5" marker-end="url(#${colour})"/>`;
  return `${label}\n${path}`;
}
