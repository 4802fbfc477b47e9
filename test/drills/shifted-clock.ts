// Loaded before a process (`node --import`): shifts its clock by RINGFENCE_SHIFT_MS, for every way
// to read the time.
const shiftMs = Number(process.env['RINGFENCE_SHIFT_MS']);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + shiftMs] : args, newTarget) as Date,
  apply: () => new RealDate(RealDate.now() + shiftMs).toString(),
  get: (target, key, receiver) =>
    key === 'now' ? () => RealDate.now() + shiftMs : (Reflect.get(target, key, receiver) as unknown),
});
