import { foldLines } from './lines.ts';
import { messageOf, type Report, type Severity, severityOf, titleOf } from './report.ts';
import { summarize } from './text.ts';

/**
 * Findings as GitHub workflow commands, which GitHub shows at the line in a pull request. The last
 * line is the summary.
 */
export function reportGithub(report: Report): string {
  const { objects, problems, notes, strict, ignoreUnreadable } = report;
  const lines = [...foldLines(objects)].flatMap(([object, said]) =>
    said.map((told) => {
      const [finding] = told.findings;
      const severity = severityOf(finding);
      const { line, column } = finding;
      const place = { file: object.document.file, line, col: column, title: told.checks.join(' ') };
      return command(
        strict && severity !== 'recorded' ? 'error' : commands[severity],
        place,
        `${titleOf(object)}: ${messageOf(told)}`,
      );
    }),
  );
  const broken = problems.map(({ file, line, column, message }) =>
    command(
      ignoreUnreadable ? 'warning' : 'error',
      line === undefined ? { file } : { file, line, col: column ?? 1 },
      message,
    ),
  );
  const notices = notes.map((text) => command('notice', {}, text));
  return [...lines, ...broken, ...notices, summarize(report), ''].join('\n');
}

const commands: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  undecided: 'notice',
  recorded: 'notice',
};

function command(name: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${[name, list.join(',')].join(' ').trimEnd()}::${escapeData(message)}`;
}

/** Escapes as the runner's own toolkit does (actions/toolkit, packages/core, command.ts). */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
