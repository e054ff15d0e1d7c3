// Pointing, holding, keys. All that is said stands in the page already: each line of a list holds its
// explanation, and this copies it to the right. `data-f` is the line of a field, `data-r` bytes of it,
// `data-p` the opened bytes that these hide, `data-l` its last part, `data-in` its parts where it is no
// field itself, `data-to` what is made from it.
(() => {
  const D = document, all = (q, e = D) => [...e.querySelectorAll(q)];
  D.documentElement.classList.add('js');
  const wide = matchMedia('(min-width: 1120px)'), lens = D.getElementById('lens');
  const lines = {}, runs = {}, twins = {}, parts = {}, rungs = {}, order = [], layers = {};
  const put = (map, key, element) => (map[key] ??= []).push(element);
  all('details.f').forEach(d => {
    put(lines, d.dataset.f, d);
    if (d.id) { order.push(d.dataset.f); put(layers, d.dataset.f.split('-')[0], d.dataset.f); }
  });
  all('[data-r]').forEach(b => { put(runs, b.dataset.r, b); if (b.dataset.p) put(twins, b.dataset.p, b); });
  all('.part').forEach(p => put(parts, p.dataset.f, p));
  all('.ladder a').forEach(a => rungs[a.hash.slice(1)] = a);
  const main = id => lines[id]?.find(d => d.id) ?? lines[id]?.[0];

  // A field and all that lies in it.
  const within = id => {
    const [layer, field] = id.split('-'), { l: last, in: inside } = main(id)?.dataset ?? {};
    if (inside) return [id, ...inside.split(' ')];
    if (field === undefined) return [id, ...(layers[layer] ?? [])];
    if (last === undefined) return [id];
    return Array.from({ length: last - field + 1 }, (_, i) => `${layer}-${+field + i}`);
  };
  let lit = [], held = null, shown = null;
  const mark = (element, name) => {
    element.classList.add(name);
    lit.push([element, name]);
    const rung = rungs[element.closest('article')?.id];
    if (rung && !rung.classList.contains('has')) { rung.classList.add('has'); lit.push([rung, 'has']); }
  };
  const light = (id, name) => {
    for (const inner of within(id)) {
      for (const element of [...(runs[inner] ?? []), ...(parts[inner] ?? [])]) mark(element, name);
      for (const element of twins[inner] ?? []) mark(element, name == 'on' ? 'twin' : name);
    }
    for (const element of lines[id] ?? []) mark(element, name);
  };
  const paint = (id, twin) => {
    for (const [element, name] of lit) element.classList.remove(name);
    lit = [];
    if (id == null) return;
    if (held == id) (main(id)?.dataset.to ?? '').split(' ').filter(Boolean).forEach(to => light(to, 'flow'));
    light(id, 'on');
    for (const element of (twin && runs[twin]) || []) mark(element, 'twin');
    if (held != null) for (const element of lines[held] ?? []) mark(element, 'pin');
  };

  const text = (d, part) => {
    const e = d.querySelector(':scope > summary > ' + part)?.cloneNode(true);
    e?.querySelectorAll('.sr').forEach(s => s.remove());
    return e?.textContent.trim() ?? '';
  };
  const around = d => d.parentElement.closest('details.f');
  const describe = id => {
    if (id === shown) return;
    shown = id;
    lens.replaceChildren();
    const d = id != null && main(id);
    if (!d) return;
    const path = [];
    for (let p = around(d); p; p = around(p)) path.unshift(text(p, '.nm'));
    const title = d.closest('article')?.querySelector('h3')?.firstChild.textContent.trim();
    const kind = ['kf', 'ki', 'kp', 'ks'].find(k => d.classList.contains(k));
    const add = (tag, name, words, to = lens) => {
      const e = D.createElement(tag);
      if (name) e.className = name;
      if (words) e.textContent = words;
      to.append(e);
      return e;
    };
    add('p', 'crumb', [title, ...path].filter((s, i, a) => s && s != a[i - 1]).join(' › '));
    add('h3', '', text(d, '.nm'));
    add('p', 'big', text(d, '.vl'));
    const hex = within(id).flatMap(i => (runs[i] ?? []).filter(b => !b.closest('.t')))
      .map(b => b.textContent.trim()).join(' ').split(' ').filter(Boolean);
    if (hex.length) {
      const many = hex.length > 64;
      add('p', 'full ' + (kind ?? ''), many ? `${hex.slice(0, 56).join(' ')} … ${hex.slice(-4).join(' ')}` : hex.join(' '));
      const place = text(d, '.of'), where = { kept: ', never sent', open: ', once decrypted' }[place] ?? ` at ${place}`;
      add('p', 'at', `${hex.length} byte${hex.length > 1 ? 's' : ''}${where}`);
    }
    for (const child of d.querySelector(':scope > .x').cloneNode(true).childNodes) {
      if (child.classList?.contains('full')) { if (hex.length) continue; child.classList.add(kind ?? 'k0'); }
      lens.append(child.cloneNode(true));
    }
    const row = add('div', 'bt'), at = order.indexOf(id);
    for (const [words, next] of [['‹ field before', order[at - 1]], ['field after ›', order[at + 1]]])
      if (next) add('button', '', words, row).onclick = () => go(next, true);
    add('button', 'close', 'close', row).onclick = () => hold(null);
  };

  const hold = id => { held = id === held ? null : id; paint(held); shown = undefined; describe(held); };
  const look = (id, twin) => { paint(id, twin); if (wide.matches || held != null) describe(id); };
  const go = (id, stay, behavior = 'auto') => {
    const d = main(id);
    if (!d) return;
    if (!stay) for (let p = around(d); p; p = around(p)) p.open = true;
    held = id; paint(id); shown = undefined; describe(id);
    const e = (stay && (runs[id] ?? parts[id])?.[0]) || d.querySelector('summary'), box = e.getBoundingClientRect();
    const margin = wide.matches ? 90 : 40;
    if (box.top < margin || box.bottom > innerHeight * (wide.matches ? 1 : 0.5) - margin)
      e.scrollIntoView({ block: wide.matches ? 'center' : 'start', behavior });
    if (!stay) d.querySelector('summary').focus({ preventScroll: true });
  };

  // A short rest before it answers, so that the way to the explanation may cross other bytes.
  let rest;
  const under = e => !e.target.closest('.lens') && e.target.closest('[data-r], [data-f]')?.dataset;
  D.addEventListener('pointerover', e => {
    if (e.pointerType == 'touch') return;
    clearTimeout(rest);
    const at = under(e), id = at && (at.r ?? at.f);
    if (id) rest = setTimeout(look, 45, id, at.p);
    else if (held != null && shown != held && !e.target.closest('.lens'))
      rest = setTimeout(() => { paint(held); describe(held); }, 45);
    else if (held == null && !e.target.closest('.lens')) rest = setTimeout(paint, 45, null);
  });
  D.addEventListener('click', e => {
    const link = e.target.closest('a[href^="#f"]');
    if (link) {
      e.preventDefault();
      return link.classList.contains('part') ? hold(link.dataset.f) : go(link.hash.slice(2));
    }
    const line = e.target.closest('.f > summary')?.parentElement;
    if (line) {
      if (!line.classList.contains('g')) e.preventDefault();
      return hold(line.dataset.f);
    }
    const run = e.target.closest('[data-r]');
    if (run) hold(run.dataset.r);
  });

  // One tab stop a block of bytes and one a list; the arrows go on from there.
  all('.tree').forEach(t => all('summary', t).forEach((s, i) => s.tabIndex = i ? -1 : 0));
  D.addEventListener('focusin', e => {
    const s = e.target.closest('.f > summary, .part');
    if (!s) return;
    if (s.matches(':focus-visible')) look(s.dataset.f ?? s.parentElement.dataset.f);
    if (s.matches('summary')) { all('summary', s.closest('.tree')).forEach(o => o.tabIndex = -1); s.tabIndex = 0; }
  });
  D.addEventListener('keydown', e => {
    if (e.key == 'Escape') { held = null; paint(null); describe(null); return; }
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    const block = e.target.closest('.hex'), s = e.target.closest('.f > summary');
    const step = (i, n, back, on) => ({ [on]: i + 1, [back]: i < 0 ? 0 : i - 1, Home: 0, End: n - 1 })[e.key];
    if (block) {
      const ids = [...new Set(all('[data-r]', block).map(b => b.dataset.r))], i = ids.indexOf(shown);
      const next = step(i, ids.length, 'ArrowLeft', 'ArrowRight') ?? step(i, ids.length, 'ArrowUp', 'ArrowDown');
      if (next != null) { e.preventDefault(); go(ids[Math.max(0, Math.min(ids.length - 1, next))], true); }
    } else if (s) {
      const d = s.parentElement, group = d.classList.contains('g');
      const seen = all('summary', s.closest('.tree')).filter(x => !x.parentElement.parentElement.closest('details:not([open])'));
      const next = step(seen.indexOf(s), seen.length, 'ArrowUp', 'ArrowDown');
      if (next != null) { e.preventDefault(); seen[Math.max(0, Math.min(seen.length - 1, next))].focus(); }
      else if (e.key == 'ArrowRight' && group) { e.preventDefault(); d.open = true; }
      else if (e.key == 'ArrowLeft') {
        e.preventDefault();
        if (d.open && group) d.open = false; else around(d)?.querySelector('summary').focus();
      }
    }
  });

  // The ladder follows the reading.
  const seen = new Set();
  const spy = new IntersectionObserver(entries => {
    for (const entry of entries) seen[entry.isIntersecting ? 'add' : 'delete'](entry.target.id);
    const first = Object.keys(rungs).find(id => seen.has(id) && id[0] == 'm') ?? Object.keys(rungs).find(id => seen.has(id));
    for (const [id, a] of Object.entries(rungs)) id == first ? a.setAttribute('aria-current', 'true') : a.removeAttribute('aria-current');
  }, { rootMargin: '-12% 0px -55% 0px' });
  Object.keys(rungs).forEach(id => { const e = D.getElementById(id); if (e) spy.observe(e); });

  // On paper everything is unfolded.
  let opened = [];
  addEventListener('beforeprint', () => { opened = all('details.g:not([open])'); opened.forEach(d => d.open = true); });
  addEventListener('afterprint', () => opened.forEach(d => d.open = false));
  const follow = () => { if (/^#f\d/.test(location.hash)) go(location.hash.slice(2), false, 'instant'); };
  addEventListener('hashchange', follow);
  // The browser's own way to the fragment ends with the focus nowhere: ours begins behind it.
  addEventListener('load', () => requestAnimationFrame(follow));
})();
