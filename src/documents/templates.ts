import { posix } from 'node:path';
import type { DocumentProblem } from './document.ts';
import type { ManifestFiles } from './manifest-files.ts';

/**
 * Collects the files that are templates and not manifests, so that a chart, or a folder of
 * templates, is one problem instead of one for each file.
 */
export class Templates {
  readonly #files: ManifestFiles;
  /** The number of templates of each chart, by the folder of the chart. */
  readonly #charts = new Map<string, number>();
  readonly #isChart = new Map<string, Promise<boolean>>();
  /** The broken files of each folder, with their problems. */
  readonly #broken = new Map<string, Map<string, readonly DocumentProblem[]>>();

  constructor(files: ManifestFiles) {
    this.#files = files;
  }

  /** Takes a template of a Helm chart: a file below `templates/` beside a Chart.yaml. */
  async takesOfChart(file: string, text: string): Promise<boolean> {
    if (!text.includes('{{')) return false;
    const steps = posix.dirname(file).split('/');
    for (let end = steps.indexOf('templates'); end !== -1; end = steps.indexOf('templates', end + 1)) {
      const chart = steps.slice(0, end).join('/') || (file.startsWith('/') ? '/' : '.');
      if (!(await this.#hasChart(chart))) continue;
      this.#charts.set(chart, (this.#charts.get(chart) ?? 0) + 1);
      return true;
    }
    return false;
  }

  /** Takes a file that cannot be read and looks like a template. */
  takesBroken(file: string, text: string, problems: readonly DocumentProblem[]): boolean {
    if (!/\{\{|\{%/.test(text)) return false;
    const folder = posix.dirname(file);
    const broken = this.#broken.get(folder);
    if (broken === undefined) this.#broken.set(folder, new Map([[file, problems]]));
    else broken.set(file, problems);
    return true;
  }

  /** One problem for each chart and each folder. A single template keeps its own problems. */
  problems(): readonly DocumentProblem[] {
    const nowhere = { line: undefined, column: undefined };
    const charts = [...this.#charts].map(([chart, count]) => ({
      ...nowhere,
      file: posix.join(chart, 'templates'),
      message: `${count === 1 ? '1 file is a template' : `${count} files are templates`} of a Helm chart, not read; check what they render to: helm template ${chart} | ringfence check -`,
    }));
    const folders = [...this.#broken].flatMap(([folder, broken]) => {
      if (broken.size === 1) return [...broken.values()].flat();
      const names = [...broken.keys()].map((file) => posix.basename(file));
      const shown = names.slice(0, 3).join(', ');
      const rest = names.length > 3 ? ` and ${names.length - 3} more` : '';
      const message = `${names.length} files are templates, not read (${shown}${rest}); check what they render to`;
      return [{ ...nowhere, file: folder, message }];
    });
    return [...charts, ...folders];
  }

  #hasChart(folder: string): Promise<boolean> {
    const known = this.#isChart.get(folder);
    if (known !== undefined) return known;
    const look = this.#files.look(posix.join(folder, 'Chart.yaml')).then(
      ({ kind }) => kind === 'file',
      () => false,
    );
    this.#isChart.set(folder, look);
    return look;
  }
}
