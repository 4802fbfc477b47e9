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
      const counter = new Counter(settings(family));
      const bound = boundBy(family.labels);
      // From the beginning, so that the first event of a kind is an increase; but not by the
      // hundred.
      const all = combinations(family.labels);
      if (all.length <= startingSeries) for (const values of all) counter.inc(values, 0);
      return (values) => counter.inc(bound(values));
    },
    histogram(family) {
      const histogram = new Histogram({ ...settings(family), buckets: [...(family.buckets ?? [])] });
      const bound = boundBy(family.labels);
      return (values, seconds) => histogram.observe(bound(values), seconds);
    },
    gauge(family, read) {
      const bound = boundBy(family.labels);
      const gauge = new Gauge({
        ...settings(family),
        collect() {
          for (const [values, measured] of read()) this.set(bound(values), measured);
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

/**
 * Values as a family's labels may say them, in the order in which they are declared: what its
 * vocabulary does not have is {@link other}.
 */
function boundBy<V extends Vocabulary>(vocabulary: V): (values: Values<V>) => Values<V> {
  const labels = Object.entries(vocabulary).map(([name, words]): [keyof V, Set<string>] => [name, new Set(words)]);
  return (values) => {
    for (const [name, words] of labels) if (!words.has(values[name])) return bind(values);
    return values;
  };

  function bind(values: Values<V>): Values<V> {
    const bound = labels.map(([name, words]) => [name, words.has(values[name]) ? values[name] : other]);
    return Object.fromEntries(bound);
  }
}

function combinations(vocabulary: Vocabulary): readonly Record<string, string>[] {
  let all: readonly Record<string, string>[] = [{}];
  for (const [name, words] of Object.entries(vocabulary))
    all = all.flatMap((values) => words.map((word) => ({ ...values, [name]: word })));
  return all;
}
