/** The one style sheet. Every pair of colours has a contrast of at least 4.5 (WCAG 2.2, 1.4.3). */
export const style = `
:root{color-scheme:light dark;--ground:#fbfbfa;--panel:#fff;--ink:#1c2024;--soft:#555d66;--line:#d9dce0;--faint:#eef0f2;
--link:#0b57a4;--bad:#b3201b;--bad-ground:#fdeceb;--warn:#8a5200;--warn-ground:#fdf3e0;--doubt:#6a3fa0;--doubt-ground:#f3eefb;
--good:#1d6b3a;--good-ground:#e9f5ed;--flow:#7b858f;--mark:#fff1a8;--mark-ink:#1c2024;--focus:#0b57a4}
@media (prefers-color-scheme:dark){:root{--ground:#14171a;--panel:#1b1f23;--ink:#e6e9ec;--soft:#a3adb7;--line:#363c43;--faint:#22272c;
--link:#83bbf5;--bad:#ff8f86;--bad-ground:#3a1d1c;--warn:#f0b866;--warn-ground:#33270f;--doubt:#c5a5f2;--doubt-ground:#2a2139;
--good:#86d3a0;--good-ground:#17301f;--flow:#7d8893;--mark:#5a4c0c;--mark-ink:#fff6d0;--focus:#83bbf5}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
a{color:var(--link);text-underline-offset:2px}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:3px}
main{max-width:1500px;margin:0 auto;padding:8px 24px 64px;outline:0}
h1{font-size:1.6rem;line-height:1.25;margin:20px 0 8px;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:32px 0 8px}h3{font-size:1rem;margin:0 0 4px;overflow-wrap:anywhere}h4{font-size:.9rem;margin:8px 0 0;color:var(--soft)}
code,pre,textarea{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
code{background:var(--faint);border-radius:3px;padding:0 4px;overflow-wrap:anywhere}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
.skip{position:absolute;left:-9999px}.skip:focus{position:static;display:inline-block;margin:8px;padding:6px 12px;background:var(--panel);border:1px solid var(--line)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header{border-bottom:1px solid var(--line);background:var(--panel);padding:0 24px}
.bar,.reading{max-width:1452px;margin:0 auto;display:flex;flex-wrap:wrap;align-items:center;gap:4px 28px}
.bar ul{display:flex;flex-wrap:wrap;list-style:none;margin:0;padding:0;gap:2px 4px}
.bar a{display:block;padding:11px 10px 9px;color:var(--ink);text-decoration:none;border-bottom:2px solid transparent}
.bar a:hover{border-color:var(--line)}.bar a[aria-current]{border-color:var(--link);font-weight:600}
.brand{font-weight:700;letter-spacing:.01em;margin:0}.languages{margin-left:auto}
.reading{padding:0 0 8px;font-size:.875rem;color:var(--soft)}.reading p{margin:0}
button,select,input,textarea{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--soft);border-radius:5px;padding:4px 10px;max-width:100%}
button{cursor:pointer;font-weight:600}button:hover{background:var(--faint)}
.reading .check{display:flex;align-items:center;gap:6px}.reading [hidden]{display:none}.parts summary{cursor:pointer}.parts[open]{flex-basis:100%}.parts{margin:0}
.reading button{padding:1px 10px;font-size:.875rem;font-weight:400}
.filter{display:flex;flex-wrap:wrap;gap:10px 18px;align-items:end;margin:12px 0 16px}
.filter label{display:flex;flex-direction:column;font-size:.875rem;color:var(--soft);gap:2px}
.filter select,.filter input{color:var(--ink);font-size:1rem}.filter select{max-width:15rem}
.filter .check{flex-direction:row;align-items:center;gap:6px;padding-bottom:7px}
.summary{font-size:1.05rem;margin:0 0 12px}.hint,.hints{color:var(--soft);font-size:.9rem;max-width:80ch}.hints{padding-left:1.2em}.empty{color:var(--soft)}
.notice{max-width:1452px;margin:8px auto;padding:8px 14px;border-left:4px solid var(--warn);background:var(--warn-ground)}.notice.bad{border-color:var(--bad);background:var(--bad-ground)}
.notice ul{margin:0;padding-left:1.2em}
.scroll{position:relative;overflow:auto;background:var(--panel);border:1px solid var(--line);border-radius:7px;max-width:100%;width:fit-content;min-width:min(100%,22rem)}
.scroll.tall{max-height:85vh}
table{border-collapse:collapse;font-size:.92rem}
/* Words stay whole: headings of two Han characters would make columns of two. */
th,td{text-align:left;vertical-align:top;padding:6px 12px;border-top:1px solid var(--line);overflow-wrap:break-word}
td{min-width:6em}.numbers td,.matrix td{min-width:0}td:empty{min-width:2em}thead th{border-top:0;font-size:.82rem;color:var(--soft);font-weight:600;white-space:nowrap;position:sticky;top:0;background:var(--panel)}
tbody th{font-weight:600;min-width:8em}td pre{min-width:16em}
.numbers td{text-align:right;font-variant-numeric:tabular-nums}
.matrix td{text-align:center;padding:0;white-space:nowrap}.matrix td a,.matrix td>span[aria-hidden]{display:block;padding:5px 7px;text-decoration:none;min-width:2.6em}
.matrix td a:hover{text-decoration:underline}
.matrix tbody th{position:sticky;left:0;background:var(--panel);white-space:nowrap;font-weight:500;border-right:1px solid var(--line)}
.matrix thead th:first-child{left:0;z-index:2;vertical-align:bottom}
/* Han characters would stand upright, and then upside down. */
.turned span{writing-mode:vertical-rl;text-orientation:sideways;transform:rotate(180deg);max-height:13em;white-space:nowrap;overflow:hidden}.turned{vertical-align:bottom}
.matrix .turned a{color:var(--soft)}
.matrix .closed{color:var(--soft)}
.matrix .forbidden,.matrix .forbidden a{background:var(--bad-ground);color:var(--bad);font-weight:700}.matrix .denied,.matrix .denied a{background:var(--warn-ground);color:var(--warn);font-weight:600}
.matrix .undefined,.matrix .undefined a{background:var(--doubt-ground);color:var(--doubt)}.matrix .lawful,.matrix .lawful a{color:var(--good)}
.kind,.severity,.fence,.status,.exception,.verdict{white-space:nowrap;font-weight:600}
.kind.forbidden,.severity.error,.fence.broken,.status.finding,.verdict.denied,.exception.ended{color:var(--bad)}
.kind.denied,.severity.warning,.exception.ending{color:var(--warn)}
.kind.undefined,.severity.undecided,.status.undecided,.verdict.undefined,.verdict.mixed{color:var(--doubt)}
.kind.lawful,.severity.recorded,.status.note,.fence.not-fenced{color:var(--soft)}
.fence.fenced,.status.clean,.verdict.allowed,.exception.holds,.kind.opened{color:var(--good)}.kind.closed{color:var(--bad)}
.legend{display:flex;flex-wrap:wrap;gap:4px 24px;list-style:none;margin:8px 0;padding:0;font-size:.9rem}.legend li{display:flex;align-items:center;gap:8px}
.map{display:block;font-size:13px}
.map text{fill:var(--ink)}.map .line{fill:var(--soft);font-size:12px}.map .name{font-weight:600}
.map .column{fill:var(--faint)}.map .column-name{fill:var(--soft);font-weight:600;text-anchor:middle}
.map .box{fill:var(--panel);stroke:var(--soft);stroke-width:1}.map .box.broken{stroke:var(--bad);stroke-width:2;stroke-dasharray:6 3}
.map a{cursor:pointer}.map .node:hover .box,.map .node:focus-visible .box{stroke:var(--link);stroke-width:2.5}
.map .wide{fill:none;stroke:transparent;stroke-width:12}
.arrow{fill:none;stroke:var(--flow);stroke-width:1.3}.arrow.forbidden{stroke:var(--bad);stroke-width:2.2}.arrow.denied{stroke:var(--warn);stroke-width:2;stroke-dasharray:7 4}
.arrow.undefined{stroke:var(--doubt);stroke-width:1.6;stroke-dasharray:2 4}.arrow.opened{stroke:var(--good);stroke-width:2.4}.arrow.closed{stroke:var(--bad);stroke-width:2.2;stroke-dasharray:7 4}
.map a:hover .arrow,.map a:focus-visible .arrow{stroke-width:4}.map a:focus-visible{outline:0}
.head{fill:var(--flow)}.head.forbidden,.head.closed{fill:var(--bad)}.head.denied{fill:var(--warn)}.head.undefined{fill:var(--doubt)}.head.opened{fill:var(--good)}
.badge{fill:var(--panel);stroke:var(--flow)}.badge.forbidden,.badge.closed{stroke:var(--bad);fill:var(--bad-ground)}.badge.denied{stroke:var(--warn);fill:var(--warn-ground)}.badge.undefined{stroke:var(--doubt);fill:var(--doubt-ground)}.badge.opened{stroke:var(--good);fill:var(--good-ground)}
.map .sign{text-anchor:middle;font-size:12px;font-weight:700}.map .told{text-anchor:start}.map .sign.lawful{fill:var(--soft)}.map .sign.forbidden,.map .sign.closed{fill:var(--bad)}.map .sign.denied{fill:var(--warn)}.map .sign.undefined{fill:var(--doubt)}.map .sign.opened{fill:var(--good)}
.way{border-left:3px solid var(--line);padding:2px 0 2px 14px;margin:14px 0}.way ul{margin:4px 0;padding-left:1.2em}
.yaml{background:var(--panel);border:1px solid var(--line);border-radius:7px;padding:10px 14px;margin:8px 0;max-height:34em;overflow:auto;white-space:pre}
.yaml code{background:none;padding:0}mark{background:var(--mark);color:var(--mark-ink)}.yaml mark{display:inline-block;min-width:100%}
details{margin:6px 0}summary{cursor:pointer}
.what-if{display:flex;flex-direction:column;gap:8px;align-items:start;max-width:70rem}.what-if textarea{width:100%;tab-size:2;line-height:1.4}
.what-if.over textarea{outline:3px dashed var(--focus)}.files{display:flex;flex-wrap:wrap;gap:16px;margin:0}.files[hidden]{display:none}
.pages{display:flex;gap:18px}.toc{columns:16rem;padding-left:1.2em}
@media (min-width:1200px){.map{max-width:100%;height:auto}}
@media (max-width:640px){main{padding:8px 14px 48px}header{padding:0 14px}}
@media print{header form,.filter,.skip{display:none}.scroll{overflow:visible;border:0;max-height:none!important}}
`;
