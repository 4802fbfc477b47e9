// The cases of each alert: what makes it fire, and what does not.
import type { Case } from './case.ts';
import { decisionCases } from './decision-cases.ts';
import { serviceCases } from './service-cases.ts';
import { upkeepCases } from './upkeep-cases.ts';

export const cases: readonly Case[] = [...serviceCases, ...decisionCases, ...upkeepCases];
