import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';

/** What a label may say, in the order in which the documentation lists it. */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/** A family of series: its name, its meaning, and everything that its labels may say. */
export interface Family<V extends Vocabulary = Vocabulary> {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: V;
  /** Upper bounds of a histogram's buckets, in seconds. */
  readonly buckets?: readonly number[];
}

/**
 * A value for each label of a family. One that its vocabulary does not have is counted as {@link
 * other}.
 */
export type Values<V extends Vocabulary> = Readonly<Record<keyof V, string>>;

/**
 * Whatever a label cannot say: the series of a family are as many as its words, whatever users name
 * their things.
 */
export const other = 'other';

/** One process's series. */
export interface Instruments {
  /** Counts up by one. */
  counter<V extends Vocabulary>(family: Family<V>): (values: Values<V>) => void;
  /** Takes a duration in seconds. */
  histogram<V extends Vocabulary>(family: Family<V>): (values: Values<V>, seconds: number) => void;
  /** Asks `read` at each scrape; what it leaves out has no series, or keeps the one it had. */
  gauge<V extends Vocabulary>(family: Family<V>, read: () => Iterable<readonly [Values<V>, number]>): void;
  /** Everything, Node's own metrics included, in the Prometheus text format. */
  text(): Promise<string>;
}

export function openInstruments(): Instruments {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const settings = ({ name, help, labels }: Family) => ({
    name,
    help,
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  return {
    counter(family) {
      const all: { readonly values: LabelValues; count: number }[] = [];
      const counter = new Counter({
        ...settings(family),
        collect() {
          for (const series of all) {
            if (series.count > 0) this.inc(series.values, series.count);
            series.count = 0;
          }
        },
      });
      // From the beginning, so that the first event of a kind is an increase; but not by the
      // hundred.
      const known = combinations(family.labels);
      if (known.length <= startingSeries) for (const values of known) counter.inc(values, 0);
      // The library makes a text of the labels at each call, which costs 0.25 µs; this costs 0.05.
      // A review with findings counts up to ten times.
      const seriesOf = indexSeries(family.labels, (values) => {
        const series = { values, count: 0 };
        all.push(series);
        return series;
      });
      return (values) => {
        seriesOf(values).count += 1;
      };
    },
    histogram(family) {
      const histogram = new Histogram({ ...settings(family), buckets: [...(family.buckets ?? [])] });
      const seriesOf = indexSeries(family.labels, (values) => histogram.labels(values));
      return (values, seconds) => seriesOf(values).observe(seconds);
    },
    gauge(family, read) {
      const valuesOf = indexSeries(family.labels, (values) => values);
      const gauge = new Gauge({
        ...settings(family),
        collect() {
          for (const [values, measured] of read()) this.set(valuesOf(values), measured);
        },
      });
      // One without labels begins as 0, which would be told of what nobody has measured yet.
      gauge.remove({});
    },
    text: () => registry.metrics(),
  };
}

/** As many as a dashboard shows without being asked. */
const startingSeries = 40;

type LabelValues = Readonly<Record<string, string>>;

/**
 * The series of a family, each made when it is first asked for. A value that the vocabulary does
 * not have is {@link other}.
 */
function indexSeries<V extends Vocabulary, S>(
  vocabulary: V,
  open: (values: LabelValues) => S,
): (values: Values<V>) => S {
  return branch(Object.entries(vocabulary), {}, open);
}

/** The values of the first label lead to those of the next, and the last to the series. */
function branch<S>(
  [label, ...rest]: readonly (readonly [string, readonly string[]])[],
  values: LabelValues,
  open: (values: LabelValues) => S,
): (values: LabelValues) => S {
  if (label === undefined) {
    let series: S | undefined;
    return () => {
      series ??= open(values);
      return series;
    };
  }
  const [name, words] = label;
  const follow = (word: string) => branch(rest, { ...values, [name]: word }, open);
  const branches = new Map(words.map((word) => [word, follow(word)]));
  const otherwise = follow(other);
  return (asked) => (branches.get(asked[name] ?? '') ?? otherwise)(asked);
}

function combinations(vocabulary: Vocabulary): readonly Record<string, string>[] {
  let all: readonly Record<string, string>[] = [{}];
  for (const [name, words] of Object.entries(vocabulary))
    all = all.flatMap((values) => words.map((word) => ({ ...values, [name]: word })));
  return all;
}
