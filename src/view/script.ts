/**
 * The one script, as a browser runs it. Every page can be read without it: it keeps the ages true,
 * shows what is newer, and puts files that are dropped or chosen into the text of *What if*.
 *
 * A page is replaced in place, and never under the hands of its reader: not while something in it
 * has the focus, is selected or was typed, and not if the reader has switched it off (WCAG 2.2,
 * 2.2.2). It then has a link to the newer one.
 */
export const script = `'use strict';
const all = (selector) => [...document.querySelectorAll(selector)];
setInterval(() => {
  for (const age of all('[data-since]')) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(age.dataset.since)) / 1000));
    age.textContent = age.dataset.text.replace('#', seconds);
  }
}, 1000);

const main = document.querySelector('main');
const form = document.querySelector('[data-drop]');
let isTyped = false;
main.addEventListener('input', () => { isTyped = true; });
const isOn = () => sessionStorage.getItem('follow') !== 'no';
const showChoice = () => {
  const box = document.querySelector('[data-follow]');
  box.checked = isOn();
  box.closest('label').hidden = false;
  box.addEventListener('change', () => sessionStorage.setItem('follow', box.checked ? 'yes' : 'no'));
};
const tell = (when, isTrue) => {
  for (const notice of all('[data-when=' + when + ']')) notice.hidden = !isTrue;
};
const isBusy = () => {
  const focus = document.activeElement;
  const isInside = focus !== main && !focus.matches('.scroll') && all('main, header').some((part) => part.contains(focus));
  return isInside || isTyped || !getSelection().isCollapsed || all('textarea').some(({ value }) => value !== '');
};
const nameOf = (part) => part.className || part.querySelector('summary').textContent;
/** Whether it is shown: not without a newer page, nor where the reader has begun something. */
const showNewer = async () => {
  const answer = await fetch(location.href);
  const newer = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (!answer.ok || isBusy()) return false;
  const kept = new Map(all('details').map((one) => [nameOf(one), one.open]));
  const regions = all('.scroll').map((one) => [one.scrollLeft, one.scrollTop, one === document.activeElement]);
  for (const part of form ? ['header'] : ['header', 'main'])
    document.querySelector(part).replaceChildren(...newer.querySelector(part).childNodes);
  for (const one of all('details')) one.open = kept.get(nameOf(one)) ?? one.open;
  all('.scroll').forEach((one, index) => {
    const [left, top, hasFocus] = regions[index] ?? [0, 0, false];
    one.scrollTo(left, top);
    if (hasFocus) one.focus({ preventScroll: true });
  });
  showChoice();
  return true;
};
const look = async () => {
  if (document.hidden) return;
  let newest;
  try {
    const answer = await fetch('/newest.json');
    newest = answer.ok ? await answer.json() : undefined;
  } catch {}
  tell('gone', newest === undefined);
  if (newest === undefined) return;
  const isNewer = newest.number !== Number(document.querySelector('[data-number]').dataset.number);
  if (isNewer && isOn() && !isBusy() && (await showNewer())) return;
  tell('newer', isNewer);
  tell('reading', newest.reading);
  tell('changed', newest.changed && !isNewer);
  tell('silent', newest.silent);
  tell('failed', newest.failure !== null);
  const failed = document.querySelector('[data-when=failed]');
  const why = failed.dataset.text.replace('#', () => newest.failure);
  if (failed.textContent !== why) failed.textContent = why;
  for (const age of all('[data-part]')) {
    const heard = newest.heard[age.dataset.part];
    if (heard !== undefined) age.firstElementChild.dataset.since = heard;
  }
};
showChoice();
const follow = () => setTimeout(() => look().then(follow, follow), 2000);
follow();

if (form) {
  const area = form.querySelector('textarea');
  const isManifest = (name) => /\\.(ya?ml|json)$/i.test(name);
  const put = async (files) => {
    const texts = [];
    for (const [path, file] of files) if (isManifest(path)) texts.push('# ' + path + '\\n' + (await file.text()));
    if (texts.length > 0) area.value = texts.join('\\n---\\n');
  };
  const filesOf = async (entry) => {
    if (entry.isFile) return [[entry.fullPath.slice(1), await new Promise((ok, no) => entry.file(ok, no))]];
    const reader = entry.createReader();
    const all = [];
    for (;;) {
      const some = await new Promise((ok, no) => reader.readEntries(ok, no));
      if (some.length === 0) break;
      for (const one of some) all.push(...(await filesOf(one)));
    }
    return all;
  };
  form.querySelector('.files').hidden = false;
  for (const input of form.querySelectorAll('input[type=file]'))
    input.addEventListener('change', () =>
      put([...input.files].map((file) => [file.webkitRelativePath || file.name, file])),
    );
  for (const kind of ['dragover', 'dragleave', 'drop'])
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.toggle('over', kind === 'dragover');
    });
  form.addEventListener('drop', async (event) => {
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const files = [];
    for (const entry of entries) files.push(...(await filesOf(entry)));
    await put(files);
  });
}
`;
