// A Dockerfile as data: what its stages do, in the part of the syntax that ours uses.

export interface Stage {
  readonly name: string;
  /** The image, with the defaults of build arguments filled in. */
  readonly base: string;
  readonly platform: string | undefined;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly keyword: string;
  /** The rest of the instruction, on one line. */
  readonly text: string;
}

/** Reads a Dockerfile. Throws an Error for an instruction before the first stage that is no ARG. */
export function readDockerfile(text: string): readonly Stage[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const defaults = new Map<string, string>();
  const stages: { name: string; base: string; platform: string | undefined; steps: Step[] }[] = [];
  for (const line of lines) {
    const [, keyword = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const stage = stages.at(-1);
    if (keyword === 'FROM') {
      const [, platform, image = '', name = ''] = /^(?:--platform=(\S+) )?(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      const base = image.replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => defaults.get(variable) ?? '');
      stages.push({ name, base, platform, steps: [] });
    } else if (stage !== undefined) stage.steps.push({ keyword, text: rest });
    else if (keyword === 'ARG') defaults.set(rest.split('=')[0] ?? '', rest.slice(rest.indexOf('=') + 1));
    else throw new Error(`before the first stage: ${line}`);
  }
  return stages;
}
