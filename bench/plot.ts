// The growth of a cluster as a picture: SVG from Apache ECharts, which draws without a browser.
import { init } from 'echarts';
import type { Figure } from './figures.ts';

/** The background of a plot. The page shows the one that its reader prefers. */
export type Ground = 'light' | 'dark';

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly { readonly name: string; readonly label: string; readonly unit: string }[];
}

const panels: readonly Panel[] = [
  {
    title: 'processor time of a review',
    unit: 'µs',
    lines: [
      { name: 'observe', label: 'Pod of 3 KB, observe', unit: 'µs' },
      { name: 'enforce', label: 'Pod of 3 KB, enforce', unit: 'µs' },
    ],
  },
  {
    title: 'from namespace to baseline, one at a time',
    unit: 'ms',
    lines: [
      { name: 'p50', label: 'lag to baseline alone, p50', unit: 'ms' },
      { name: 'p99', label: 'lag to baseline alone, p99', unit: 'ms' },
    ],
  },
  {
    title: 'namespaces fenced a second, in a burst of 300',
    unit: 'a second',
    lines: [{ name: 'fenced', label: 'fenced in a burst', unit: 'a second' }],
  },
  {
    title: 'resident memory, idle',
    unit: 'MB',
    lines: [{ name: 'memory', label: 'resident memory, idle', unit: 'MB' }],
  },
];

const colours: Readonly<Record<Ground, { ground: string; text: string; grid: string; lines: readonly string[] }>> = {
  light: { ground: '#ffffff', text: '#1f2328', grid: '#d1d9e0', lines: ['#0969da', '#bc4c00'] },
  dark: { ground: '#0d1117', text: '#e6edf3', grid: '#3d444d', lines: ['#58a6ff', '#f0883e'] },
};

const [width, height] = [920, 640];

/** Four panels over the number of namespaces. */
export function plotGrowth(figures: readonly Figure[], on: Ground): string {
  const { ground, text, grid, lines } = colours[on];
  const textStyle = { color: text, fontSize: 13, fontFamily: 'sans-serif' };
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: ground,
    textStyle,
    title: panels.map(({ title }, index) => ({
      text: title,
      textStyle: { ...textStyle, fontSize: 15 },
      ...corner(index, 0, 12),
    })),
    grid: panels.map((_, index) => ({ ...corner(index, 58, 62), width: 350, height: 190 })),
    xAxis: panels.map((_, gridIndex) => ({
      gridIndex,
      type: 'log',
      min: 10,
      max: 10_000,
      name: 'namespaces',
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: textStyle,
      axisLabel: { ...textStyle, formatter: (value: number) => value.toLocaleString('en') },
      axisLine: { lineStyle: { color: text } },
      splitLine: { lineStyle: { color: grid } },
    })),
    yAxis: panels.map(({ unit }, gridIndex) => ({
      gridIndex,
      type: 'value',
      min: 0,
      name: unit,
      nameTextStyle: textStyle,
      axisLabel: textStyle,
      splitLine: { lineStyle: { color: grid } },
    })),
    series: panels.flatMap((panel, index) =>
      panel.lines.map(({ name, label, unit }, line) => ({
        type: 'line',
        name,
        xAxisIndex: index,
        yAxisIndex: index,
        data: pointsOf(figures, label, unit),
        symbol: line === 0 ? 'circle' : 'rect',
        symbolSize: 7,
        lineStyle: { color: lines[line], width: 2 },
        itemStyle: { color: lines[line] },
        // Each line is named at its end, so that nobody has to look up a colour.
        endLabel: { ...textStyle, show: panel.lines.length > 1, formatter: name, color: lines[line] },
        labelLayout: { moveOverlap: 'shiftY' },
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${renumber(svg).trim()}\n`;
}

/**
 * The library numbers clips and classes across all charts of a process. New numbers make the same
 * figures give the same file.
 */
function renumber(svg: string): string {
  const names = new Map<string, string>();
  return svg.replaceAll(/\bzr\d+-[a-z]+-?\d+\b/g, (name) => {
    if (!names.has(name)) names.set(name, `part-${names.size}`);
    return names.get(name) ?? name;
  });
}

function corner(index: number, left: number, top: number): { readonly left: number; readonly top: number } {
  return { left: 20 + (index % 2) * 455 + left, top: Math.floor(index / 2) * 320 + top };
}

/** `1,000 namespaces` becomes the point at 1000. */
function pointsOf(figures: readonly Figure[], label: string, unit: string): readonly (readonly [number, number])[] {
  return figures
    .filter((figure) => figure.of?.endsWith(' namespaces') && figure.label === label && figure.unit === unit)
    .map(({ of = '', value }) => [Number(of.replace(' namespaces', '').replaceAll(',', '')), value] as const);
}
