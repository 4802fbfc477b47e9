// The commands of the documentation that need only files, run as they are written.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pod, podLabels, request } from '../admission/scene.ts';
import { configOf, lineOf } from '../history/admissions.ts';
import { classOf } from './command-classes.ts';
import { openCommandScene, unstarted } from './command-scene.ts';
import { type Documented, documented } from './documented.ts';
import { root } from './page.ts';

const scene = openCommandScene({ ringfence: join(root, 'bin/ringfence.mjs') });
/** A refusal in namespace `shop`. */
let line = '';
beforeAll(async () => {
  const namespace = { env: 'prod', tier: 'api', team: 'shop' };
  const refused = request('Pod', pod({ ...podLabels, env: 'prd' }), {});
  line = await lineOf(refused, { namespace }, configOf({ mode: 'enforce' }));
  writeFileSync(join(scene.folder, 'week.log'), line);
});
afterAll(() => scene.end());

/** Every statement of which each command needs only files, once. */
const statements = [
  ...new Map(
    documented
      .filter(({ page, commands }) => commands.every((one) => classOf(page, one)?.treatment.how === 'run on files'))
      .map((statement) => [`${statement.page} ${statement.text}`, statement]),
  ).values(),
];
/** Findings are an answer too: 1 says that there are some. */
const codesOf = ({ commands }: Documented): readonly number[] =>
  commands.some(({ program }) => ['ringfence', 'npx', 'npm'].includes(program)) ? [0, 1] : [0];

describe('the commands that need only files', () => {
  it('are many', () => {
    expect(statements.length).toBeGreaterThan(25);
  });

  it.each(statements.map((statement) => [statement.place, statement.text, statement] as const))(
    '%s: %s',
    async (_, __, statement) => {
      const { code, stdout, stderr } = await scene.run(statement, line);
      expect({ stdout, stderr, ran: codesOf(statement).includes(code) }).toMatchObject({ ran: true });
      expect(stderr).not.toMatch(unstarted);
    },
  );
});
