// The examples of pipelines against the schemas of their tools: check-jsonschema (PyPI) has those
// of GitHub and GitLab, actionlint knows workflows, and Argo CD and Flux ship their definitions as
// Go modules.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { describePrepared } from '../continuous-integration.ts';
import { describeWithSources, type GoSource } from '../control-plane/go-source.ts';
import { readPage, root } from '../docs/page.ts';
import { describeWithTool } from '../go-tools/vitest.ts';
import { findPythonTools } from '../python-tools/venv.ts';

const folder = 'examples/pipelines';
const workflows = ['ringfence', 'code-scanning'].map((name) => `${folder}/github/${name}.yaml`);

function run(file: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: root, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

await describePrepared('the schemas', findPythonTools, 'install Python 3 with venv and pip', (bin) => {
  it.each([
    ['vendor.github-actions', ['action.yml']],
    ['vendor.github-workflows', workflows],
    ['vendor.gitlab-ci', [`${folder}/gitlab/.gitlab-ci.yml`]],
  ])('%s accepts what is for it', (schema, files) => {
    const args = [
      '--builtin-schema',
      schema,
      ...(schema.endsWith('gitlab-ci') ? ['--data-transform', 'gitlab-ci'] : []),
    ];
    expect(run(join(bin, 'check-jsonschema'), [...args, ...files])).toMatchObject({ status: 0 });
  });

  it.each([
    ['validate-manifest', '.pre-commit-hooks.yaml'],
    ['validate-config', `${folder}/pre-commit/.pre-commit-config.yaml`],
  ])('pre-commit %s accepts %s', (command, file) => {
    expect(run(join(bin, 'pre-commit'), [command, file])).toEqual({ status: 0, output: '' });
  });
});

await describeWithTool('actionlint', 'actionlint', (actionlint) => {
  it('finds nothing in the workflows', () => {
    expect(run(actionlint, ['-no-color', '-shellcheck=', '-pyflakes=', ...workflows])).toEqual({
      status: 0,
      output: '',
    });
  });
});

const sources: readonly GoSource[] = [
  {
    module: 'github.com/argoproj/argo-cd/v3',
    version: 'v3.5.7',
    sum: 'h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=',
    files: ['manifests/crds/application-crd.yaml', 'manifests/crds/appproject-crd.yaml'],
  },
  {
    module: 'github.com/fluxcd/kustomize-controller',
    version: 'v1.9.6',
    sum: 'h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=',
    files: ['config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml'],
  },
  {
    module: 'github.com/fluxcd/source-controller',
    version: 'v1.9.6',
    sum: 'h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=',
    files: ['gitrepositories', 'ocirepositories'].map(
      (kind) => `config/crd/bases/source.toolkit.fluxcd.io_${kind}.yaml`,
    ),
  },
  {
    module: 'github.com/fluxcd/helm-controller',
    version: 'v1.6.0',
    sum: 'h1:jlS5X11SG26gspubB5aLrdVSCm0q0tA4ULsY+vwSkL0=',
    files: ['config/crd/bases/helm.toolkit.fluxcd.io_helmreleases.yaml'],
  },
];

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: object } }[];
  };
}
interface Typed {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * A structural schema as JSON Schema that refuses unknown fields, as a strict API server does.
 * `isFragment` asks for no field.
 */
function strict(schema: object, isFragment: boolean): object {
  const { required, ...own } = schema as Record<string, unknown>;
  const read = Object.entries(own).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'properties')
      return [
        [
          key,
          Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, strict(one, isFragment)])),
        ],
      ];
    if (key === 'items' || key === 'additionalProperties')
      return [[key, typeof value === 'object' ? strict(value as object, isFragment) : value]];
    return key.startsWith('x-') || key === 'format' ? [] : [[key, value]];
  });
  const isClosed =
    'properties' in own && !('additionalProperties' in own) && !('x-kubernetes-preserve-unknown-fields' in own);
  return {
    ...Object.fromEntries(read),
    ...(isClosed ? { additionalProperties: false } : {}),
    ...(required === undefined || isFragment ? {} : { required }),
  };
}

await describeWithSources('the definitions of Argo CD and Flux', sources, (folders) => {
  const definitions = sources.flatMap(({ files }, at) =>
    files.map((file) => parse(readFileSync(join(folders[at] ?? '', file), 'utf8')) as Definition),
  );
  const validators = (isFragment: boolean): ReadonlyMap<string, ValidateFunction> => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    return new Map(
      definitions.flatMap(({ spec: { group, names, versions } }) =>
        versions.map(({ name, schema }) => {
          // The API server adds what every object has.
          const { properties, ...own } = schema.openAPIV3Schema as { readonly properties: object };
          const whole = strict({ ...own, properties: { ...properties, metadata: { type: 'object' } } }, isFragment);
          return [`${group}/${name} ${names.kind}`, ajv.compile(whole)] as const;
        }),
      ),
    );
  };
  const [wholes, fragments] = [validators(false), validators(true)];
  const faultsIn = (text: string, isFragment: boolean): readonly unknown[] => {
    const known = isFragment ? fragments : wholes;
    return parseAllDocuments(text).flatMap((document): readonly unknown[] => {
      const object = document.toJS() as Typed;
      const validate = known.get(`${object.apiVersion} ${object.kind}`);
      if (validate === undefined) return [`${object.apiVersion} ${object.kind} is not known`];
      validate(object);
      return validate.errors ?? [];
    });
  };

  const examples = globSync(`${folder}/{argocd,flux}/*.yaml`, { cwd: root });

  it('are asked about every example of Argo CD and Flux', () => {
    expect(examples.length).toBe(4);
  });

  it.each(examples)('accept %s', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const own = parseAllDocuments(text).filter((document) => document.get('apiVersion') !== 'v1');
    expect(own.length).toBeGreaterThan(0);
    expect(own.flatMap((document) => faultsIn(document.toString(), false))).toEqual([]);
  });

  it('refuse a field that does not exist, and miss one that must', () => {
    const text = readFileSync(join(root, folder, 'argocd/application.yaml'), 'utf8');
    expect(faultsIn(text.replace('managedNamespaceMetadata', 'managedNamespaceLabels'), false)).toHaveLength(1);
    expect(faultsIn(text.replace('  project: default\n', ''), false)).toHaveLength(1);
  });

  it('accept the parts of objects in docs/gitops.md', () => {
    const parts = readPage('docs/gitops.md')
      .blocks.filter(({ language }) => language === 'yaml')
      .flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toString()));
    const own = parts.filter((text) => /^apiVersion: (argoproj\.io|\w+\.toolkit)/m.test(text));
    expect(own.length).toBeGreaterThan(5);
    expect(own.flatMap((text) => faultsIn(text, true))).toEqual([]);
  });
});

describe('the examples in the docs', () => {
  const shown = (page: string) =>
    readPage(page).blocks.map(({ before, text }) => {
      const [, path] = /\[`([^`]+)`\]\(\.\.\/\1\):\s*$/.exec(before) ?? [];
      return { path, text };
    });

  it.each([
    ['docs/pipelines.md', 10],
    ['docs/helm.md', 2],
  ])('of %s are the files, each behind its path', (page, count) => {
    const files = shown(page).filter(({ path }) => path !== undefined);
    expect(files.length).toBeGreaterThanOrEqual(count);
    for (const { path = '', text } of files) expect(text, path).toBe(readFileSync(join(root, path), 'utf8'));
  });

  it('are all that docs/pipelines.md shows', () => {
    expect(shown('docs/pipelines.md').filter(({ path }) => path === undefined)).toEqual([]);
  });
});

describe('the pins', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  const files = [
    ...[
      'action.yml',
      '.pre-commit-hooks.yaml',
      'docs/pipelines.md',
      `${folder}/container.sh`,
      `${folder}/helm/install.sh`,
    ],
    ...[
      ...workflows,
      `${folder}/gitlab/.gitlab-ci.yml`,
      `${folder}/pre-commit/.pre-commit-config.yaml`,
      `${folder}/tekton/task.yaml`,
      `${folder}/argocd/ringfence.yaml`,
      `${folder}/flux/ringfence.yaml`,
    ],
  ];

  it('of Ringfence are its version', () => {
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8');
      const pins = [
        ...text.matchAll(/(?:ringfence[@:]v?|rev: v|default: |targetRevision: v|tag: )(\d+\.\d+\.\d+)/g),
      ].map(([, pin]) => pin);
      expect(pins.length, file).toBeGreaterThan(0);
      expect(new Set(pins), file).toEqual(new Set([version]));
    }
  });
});
