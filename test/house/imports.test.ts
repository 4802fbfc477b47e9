import { builtinModules } from 'node:module';
import { describe, expect, it } from 'vitest';
import { codeOf, findCircle, loadedBy, rooms, type Source, sources } from './sources.ts';

/** What a room needs that judges requests. */
const judging = ['admission', 'baseline', 'config', 'kubernetes', 'policy'];

/** What a room needs that says what a cluster's objects mean together. */
const meaning = ['exposure', 'kubernetes', 'network', 'policy', 'reach', 'report'];

/** The rooms and packages that each room may import. All others are forbidden. */
const allowed: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages: readonly string[] }>> = {
  admission: {
    rooms: ['baseline', 'config', 'exposure', 'kubernetes', 'network', 'policy', 'telemetry', 'wording'],
    packages: ['ajv'],
  },
  audit: {
    rooms: [...meaning, 'baseline', 'config', 'doctor', 'documents', 'judgement', 'wording'],
    packages: ['csv-stringify'],
  },
  backstop: { rooms: ['baseline', 'config', 'kubernetes', 'policy'], packages: [] },
  baseline: { rooms: ['config', 'kubernetes', 'network', 'policy', 'retry'], packages: ['p-queue'] },
  cluster: { rooms: ['documents', 'kubernetes', 'retry'], packages: ['@kubernetes/client-node', 'undici'] },
  config: { rooms: ['documents', 'kubernetes', 'policy', 'retry'], packages: ['ajv', 're2js', 'yaml'] },
  doctor: {
    rooms: [
      'admission',
      'baseline',
      'config',
      'installation',
      'kubernetes',
      'network',
      'policy',
      'retry',
      'tls',
      'wording',
    ],
    packages: ['re2js'],
  },
  documents: { rooms: ['kubernetes'], packages: ['ignore', 'js-yaml', 'yaml'] },
  events: { rooms: ['kubernetes', 'retry'], packages: ['p-queue'] },
  exposure: { rooms: ['kubernetes', 'network'], packages: [] },
  fencing: {
    rooms: ['admission', 'baseline', 'config', 'kubernetes', 'policy', 'retry', 'wording'],
    packages: ['yaml'],
  },
  flows: { rooms: ['kubernetes', 'network', 'wording'], packages: [] },
  history: { rooms: [...judging, 'audit', 'documents', 'flows', 'judgement', 'telemetry', 'wording'], packages: [] },
  installation: { rooms: ['admission', 'kubernetes', 'retry'], packages: [] },
  kubernetes: { rooms: [], packages: [] },
  judgement: {
    rooms: ['admission', 'baseline', 'config', 'documents', 'exposure', 'kubernetes', 'network', 'policy', 'retry'],
    packages: [],
  },
  library: {
    rooms: [...meaning, 'baseline', 'config', 'documents', 'fencing', 'judgement', 'plan', 'wording'],
    packages: [],
  },
  network: { rooms: ['kubernetes'], packages: ['ipaddr.js'] },
  plan: {
    rooms: [
      'baseline',
      'config',
      'documents',
      'exposure',
      'flows',
      'kubernetes',
      'network',
      'policy',
      'reach',
      'wording',
    ],
    packages: ['yaml'],
  },
  policy: { rooms: ['kubernetes', 'network', 'wording'], packages: ['leven'] },
  reach: {
    rooms: ['config', 'documents', 'exposure', 'kubernetes', 'network', 'policy', 'report', 'wording'],
    packages: ['ajv'],
  },
  report: { rooms: ['documents', 'judgement', 'policy', 'wording'], packages: [] },
  retry: { rooms: [], packages: [] },
  server: { rooms: ['admission', 'installation'], packages: ['fastify'] },
  telemetry: { rooms: [], packages: ['@prometheus-io/client', 'pino'] },
  tls: { rooms: ['retry'], packages: ['selfsigned'] },
  view: {
    rooms: ['audit', 'config', 'documents', 'judgement', 'kubernetes', 'network', 'plan', 'reach', 'report'],
    packages: ['@dagrejs/dagre', 'yaml'],
  },
  wording: { rooms: [], packages: [] },
};

/** The type that every room may import. It is erased, so nothing of telemetry is loaded. */
const logFile = 'src/telemetry/log.ts';

/** Packages that only one room, or one file of it, may import. */
const owners: Readonly<Record<string, string>> = {
  '@kubernetes/client-node': 'src/cluster/',
  undici: 'src/cluster/',
  '@dagrejs/dagre': 'src/view/layout.ts',
  fastify: 'src/server/',
  selfsigned: 'src/tls/authority.ts',
  pino: 'src/telemetry/',
  '@prometheus-io/client': 'src/telemetry/instruments.ts',
};

/** Pure rooms only compute. They use no file, no network, no clock and no process. */
const pure = ['backstop', 'exposure', 'kubernetes', 'network', 'policy', 'wording'];

/** Rooms that combine the others. They may import any room. */
const composers = ['commands', 'process'];

const unit = (source: Source): string => source.path;
const foreign = ({ room, imports }: Source): string[] =>
  imports
    .filter((path) => path !== logFile)
    .map((path) => path.split('/').slice(1, -1)[0] ?? '')
    .filter((other) => other !== room);

describe('the rooms', () => {
  it('are all in the table', () => {
    expect(new Set(rooms)).toEqual(new Set([...Object.keys(allowed), ...composers]));
  });

  it.each(sources.filter(({ room }) => room in allowed).map((source) => [unit(source), source] as const))(
    '%s imports what its room may',
    (_, source) => {
      const table = allowed[source.room];
      expect(foreign(source).filter((room) => table?.rooms.includes(room) !== true)).toEqual([]);
      const packages = source.packages.filter((name) => !name.startsWith('node:'));
      expect(packages.filter((name) => table?.packages.includes(name) !== true)).toEqual([]);
    },
  );

  it.each(
    Object.entries(allowed).flatMap(([room, { rooms: others, packages }]) =>
      [...others, ...packages].map((name) => [room, name]),
    ),
  )('%s really imports %s, or the table is too wide', (room, name) => {
    const used = sources
      .filter((source) => source.room === room)
      .flatMap((source) => [...foreign(source), ...source.packages]);
    expect(used).toContain(name);
  });

  it('but those that put others together import nothing of the log but its type', () => {
    const loading = sources.filter(
      ({ room, imports, text }) =>
        imports.includes(logFile) &&
        !['telemetry', ...composers].includes(room) &&
        !/^import type \{ Log \} from '\.\.\/telemetry\/log\.ts';$/m.test(text),
    );
    expect(loading.map(unit)).toEqual([]);
  });

  it('import in no circle, file by file', () => {
    expect(findCircle()).toEqual([]);
  });

  it('are composed by the commands and the process alone; the process knows no command', () => {
    const importersOf = (room: string) =>
      sources
        .filter(({ imports }) => imports.some((path) => path.startsWith(`src/${room}/`)))
        .map(({ room: from }) => from);
    expect(importersOf('commands').filter((room) => room !== '' && room !== 'commands')).toEqual([]);
    expect(importersOf('process').filter((room) => !composers.includes(room))).toEqual([]);
  });
});

describe('the imports', () => {
  it.each(Object.entries(owners))('of %s stand in %s only', (name, owner) => {
    const importers = sources.filter(({ packages }) => packages.includes(name)).map(unit);
    expect(importers.length).toBeGreaterThan(0);
    expect(importers.filter((path) => !path.startsWith(owner))).toEqual([]);
  });

  it('of Node say so, by node:', () => {
    const bare = sources.flatMap(({ packages }) => packages).filter((name) => builtinModules.includes(name));
    expect(bare).toEqual([]);
  });

  it('name files with their extension', () => {
    expect(sources.flatMap(({ imports }) => imports).filter((path) => !path.endsWith('.ts'))).toEqual([]);
  });

  it('are found at all: each room but the leaves has some', () => {
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(sources.length);
  });
});

describe('the command line', () => {
  it('loads no command before it is asked for', () => {
    expect(loadedBy('src/main.ts').filter(({ room }) => room === 'commands')).toEqual([]);
  });

  // The last of these compiles schemas.
  const heavy = ['@kubernetes/client-node', 'undici', 'fastify', 'ajv'];
  it.each(['check', 'reach', 'diff', 'fence', 'baseline'])(
    '%s begins without the client, the servers and the schemas',
    (name) => {
      const files = loadedBy(`src/commands/${name}.ts`);
      expect(files.length).toBeGreaterThan(20);
      expect(files.filter(({ packages }) => packages.some((one) => heavy.includes(one))).map(unit)).toEqual([]);
    },
  );
});

describe('the pure rooms', () => {
  it.each(sources.filter(({ room }) => pure.includes(room)).map((source) => [unit(source), source] as const))(
    '%s does no input or output, and knows no time',
    (_, { packages, text }) => {
      expect(packages.filter((name) => name.startsWith('node:'))).toEqual([]);
      const impure =
        /\b(?:process\.|globalThis|fetch\(|console\.|setTimeout|setInterval|Date\.now|new Date|performance\.|Math\.random|await )/g;
      expect(codeOf(text).match(impure)).toBeNull();
    },
  );

  it.each(sources.filter(({ room }) => pure.includes(room)).map((source) => [unit(source), source] as const))(
    '%s keeps nothing from one call to the next',
    (_, { text }) => {
      // The type of a constant table says that nobody writes it. A regular expression with `g` or
      // `y` has state.
      const kept = [
        /^(?:export )?(?:let|var) .*/gm,
        /^(?:export )?const (?!.*: Readonly(?:Map|Set)<)[^(=\n]*=\s*new (?:Weak)?(?:Map|Set|Ref)\b.*/gm,
        /^(?:export )?const \w+(?:: (?!readonly )[^=\n]*\[\])? =\s*\[\];/gm,
        /^(?:export )?const \w+ =\s*\/.+\/[a-z]*[gy][a-z]*;/gm,
      ].flatMap((pattern) => codeOf(text).match(pattern) ?? []);
      expect(kept).toEqual([]);
    },
  );
});

describe('the environment', () => {
  it('is read in one place', () => {
    const readers = sources.filter(({ text }) => codeOf(text).includes('process.env'));
    expect(readers.map(unit)).toEqual(['src/config/environment.ts']);
  });
});
