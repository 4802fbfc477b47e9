/**
 * What one review may still cost in all. The code that begins the review makes the budget and hands
 * it to each part, and each part takes from it before it works. Costs are counted and not timed, so
 * an answer never depends on the machine.
 */
export interface Budget {
  /** Units of work that a single policy may take. */
  readonly policyWork: number;
  /** Takes units of work. False if fewer are left, and then for every later call. */
  takeWork(units: number): boolean;
  /** Takes bytes of heap. False if fewer are left, and then for every later call. */
  takeMemory(bytes: number): boolean;
}

/** How much a review may cost. One unit of work takes about a microsecond. */
export interface BudgetLimits {
  /** Units of work for one policy. */
  readonly policyWork: number;
  /** Units of work for all policies together. */
  readonly work: number;
  /** Bytes of heap for what the review keeps until it answers. */
  readonly memory: number;
}

/**
 * The limits of a review. The largest policies in use have some hundreds of peers, which take
 * twenty units each. The largest policy that the API server stores (1.5 MiB) would take seconds.
 * The rest is for the comparison with the other policies of the namespace.
 */
export const reviewLimits: BudgetLimits = { policyWork: 40_000, work: 120_000, memory: 16 * 1024 * 1024 };

export function createBudget({ policyWork, work, memory }: BudgetLimits): Budget {
  const take = (left: number): ((amount: number) => boolean) => {
    let rest = left;
    return (amount) => {
      rest = amount <= rest ? rest - amount : -1;
      return rest >= 0;
    };
  };
  return { policyWork, takeWork: take(work), takeMemory: take(memory) };
}
