import { installationRows } from './installation-rows.ts';
import { networkRows } from './network-rows.ts';
import { pluginRows } from './plugin-rows.ts';
import { policyRows } from './policy-rows.ts';
import type { Row } from './scene.ts';
import { webhookRows } from './webhook-rows.ts';

/** A row for each answer: the examination, the change, and the lines. */
export const rows: readonly Row[] = [...pluginRows, ...networkRows, ...policyRows, ...webhookRows, ...installationRows];
