/** Whether the tests run in continuous integration, where a missing tool is a failure: CI=true. */
export function isContinuousIntegration(): boolean {
  return !['', '0', 'false'].includes(process.env['CI'] ?? '');
}
