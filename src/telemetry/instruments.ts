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

/** A value for each label of a family. One that its vocabulary does not have is counted as {@link other}. */
export type Values<V extends Vocabulary> = Readonly<Record<keyof V, string>>;

/** Whatever a label cannot say: the series of a family are as many as its words, whatever users name their things. */
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
      const places = placesOf(family.labels);
      // The library builds a text for each call, which costs ten times as much: it is told at each scrape what has come since the last.
      const counts = new Float64Array(places.size);
      const told = new Float64Array(places.size);
      const counter = new Counter({
        ...settings(family),
        collect() {
          for (const [place, count] of counts.entries()) {
            const since = count - (told[place] ?? 0);
            if (since > 0) this.inc(places.valuesAt(place), since);
            told[place] = count;
          }
        },
      });
      // From the beginning, so that the first event of a kind is an increase; but not by the hundred.
      const all = combinations(family.labels);
      if (all.length <= startingSeries) for (const values of all) counter.inc(values, 0);
      return (values) => {
        const place = places.placeOf(values);
        counts[place] = (counts[place] ?? 0) + 1;
      };
    },
    histogram(family) {
      const places = placesOf(family.labels);
      const histogram = new Histogram({ ...settings(family), buckets: [...(family.buckets ?? [])] });
      const series: { observe(seconds: number): void }[] = [];
      return (values, seconds) => {
        const place = places.placeOf(values);
        series[place] ??= histogram.labels(places.valuesAt(place));
        series[place].observe(seconds);
      };
    },
    gauge(family, read) {
      const places = placesOf(family.labels);
      const gauge = new Gauge({
        ...settings(family),
        collect() {
          for (const [values, measured] of read()) this.set(places.valuesAt(places.placeOf(values)), measured);
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

/** The series of a family, numbered: one for each combination of words, {@link other} among the words of each label. */
interface Places<V extends Vocabulary> {
  readonly size: number;
  placeOf(values: Values<V>): number;
  valuesAt(place: number): Record<string, string>;
}

function placesOf<V extends Vocabulary>(vocabulary: V): Places<V> {
  const names: readonly (keyof V & string)[] = Object.keys(vocabulary);
  const labels = names.map((name) => {
    const words = [...(vocabulary[name] ?? []), other];
    return { name, words, numbers: new Map(words.map((word, number) => [word, number])), last: words.length - 1 };
  });
  return {
    size: labels.reduce((product, { words }) => product * words.length, 1),
    placeOf(values) {
      let place = 0;
      for (const { name, words, numbers, last } of labels)
        place = place * words.length + (numbers.get(values[name]) ?? last);
      return place;
    },
    valuesAt(place) {
      const values: Record<string, string> = {};
      let rest = place;
      for (const { name, words } of labels.toReversed()) {
        values[name] = words[rest % words.length] ?? other;
        rest = Math.floor(rest / words.length);
      }
      // In the order in which they were declared.
      return Object.fromEntries(names.map((name) => [name, values[name] ?? other]));
    },
  };
}

function combinations(vocabulary: Vocabulary): readonly Record<string, string>[] {
  let all: readonly Record<string, string>[] = [{}];
  for (const [name, words] of Object.entries(vocabulary))
    all = all.flatMap((values) => words.map((word) => ({ ...values, [name]: word })));
  return all;
}
