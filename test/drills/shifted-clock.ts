// To be loaded before a process (`node --import`): its clock is off by RINGFENCE_SHIFT_MS, in every
// way of asking for the time.
const shiftMs = Number(process.env['RINGFENCE_SHIFT_MS']);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + shiftMs] : args, newTarget) as Date,
  apply: () => new RealDate(RealDate.now() + shiftMs).toString(),
  get: (target, key, receiver) =>
    key === 'now' ? () => RealDate.now() + shiftMs : (Reflect.get(target, key, receiver) as unknown),
});
