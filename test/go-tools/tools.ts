/** A command of a Go module that tests use, and how it is built. */
export interface GoTool {
  /** The module, whose version is in `modules/NAME/go.mod`. */
  readonly module: string;
  /** The package of the command, as a path in the module. */
  readonly command: string;
  /**
   * The variables that the linker sets, as the build of the project does, by the versions in go.mod
   * (`v1.2.3`). A build as a dependency does not know them. Undefined for a command that prints no
   * version.
   */
  readonly variables?: (versionOf: (module: string) => string) => Readonly<Record<string, string>>;
  readonly tags?: string;
  /** The duration of a first build on two cores. */
  readonly minutes: string;
  /** The number of packages to compile in a first build (`go list -deps tool`). */
  readonly packages: number;
  /** The arguments that make the command print its version, or else its help. */
  readonly version: readonly string[];
}

/**
 * One row for each tool. Its name is the folder of its go.mod, and in capitals the variable that
 * names a file.
 */
export const tools = {
  actionlint: {
    module: 'github.com/rhysd/actionlint',
    command: 'cmd/actionlint',
    variables: (versionOf) => ({ 'github.com/rhysd/actionlint.version': versionOf('github.com/rhysd/actionlint') }),
    minutes: '1 to 2',
    packages: 106,
    version: ['-version'],
  },
  // The engine of Argo CD, with its own agent. Most of its packages are those of the control plane.
  gitops: {
    module: 'github.com/argoproj/argo-cd/gitops-engine',
    command: 'agent',
    minutes: '1 to 2',
    packages: 946,
    version: ['--help'],
  },
  helm: {
    module: 'helm.sh/helm/v4',
    command: 'cmd/helm',
    variables: (versionOf) => ({ 'helm.sh/helm/v4/internal/version.version': versionOf('helm.sh/helm/v4') }),
    minutes: '3 to 5',
    packages: 1_184,
    version: ['version', '--short'],
  },
  // Its dependencies have the versions of Helm 4: after Helm 4, only its own packages are compiled.
  helm3: {
    module: 'helm.sh/helm/v3',
    command: 'cmd/helm',
    variables: (versionOf) => {
      // The version of Kubernetes for charts that are rendered without a cluster. Version 0.37 of
      // the client libraries is that of Kubernetes 1.37.
      const [, minor = ''] = versionOf('k8s.io/client-go').split('.');
      const kubernetes = ['pkg/chartutil', 'pkg/lint/rules'].flatMap((name) => [
        [`helm.sh/helm/v3/${name}.k8sVersionMajor`, '1'],
        [`helm.sh/helm/v3/${name}.k8sVersionMinor`, minor],
      ]);
      return {
        'helm.sh/helm/v3/internal/version.version': versionOf('helm.sh/helm/v3'),
        ...(Object.fromEntries(kubernetes) as Record<string, string>),
      };
    },
    minutes: '1 to 5',
    packages: 962,
    version: ['version', '--short'],
  },
  promtool: {
    module: 'github.com/prometheus/prometheus',
    command: 'cmd/promtool',
    variables: (versionOf) => ({
      'github.com/prometheus/common/version.Version': versionOf('github.com/prometheus/prometheus'),
    }),
    // Service discovery is a fifth of the build, and rules do not need it.
    tags: 'remove_all_sd',
    minutes: '3 to 5',
    packages: 1_098,
    version: ['--version'],
  },
} satisfies Readonly<Record<string, GoTool>>;

export type ToolName = keyof typeof tools;
