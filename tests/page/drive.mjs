// Drives the page in headless Chromium: node drive.mjs CHROMIUM PLAYWRIGHT SCENARIO PAGE FOLDER
// Each scenario ends well, or says in one line what it found instead.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [chromiumPath, playwright, scenario, file, folder] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);
const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });

// Opens the page and keeps what it says and asks for; with `held` the way there is a link to a field.
async function open(options = {}, fragment = '') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const heard = { said: [], requests: [] };
  page.on('console', message => heard.said.push(message.text()));
  page.on('pageerror', error => heard.said.push(error.message));
  page.on('request', request => heard.requests.push(request.url()));
  await page.goto(pathToFileURL(file).href + fragment);
  return { page, heard };
}

const lit = (page, name = 'on') => page.evaluate(name =>
  [...document.querySelectorAll(`.h b.${name}`)].map(b => b.textContent.trim()).join(' '), name);
const line = (page, name, within = 'main') =>
  page.locator(`${within} details.f`, { has: page.locator(`> summary .nm:text-is("${name}")`) }).first();
const lens = page => page.locator('#lens').innerText();

// Leaves screenshots, whole and with a field held.
async function looked_at(colorScheme) {
  for (const width of [1280, 400]) {
    const { page } = await open({ viewport: { width, height: 900 }, colorScheme });
    await page.screenshot({ path: `${folder}/${width}-${colorScheme}.png`, fullPage: true });
    await page.locator('.part', { hasText: 'client_write_key' }).click();
    await page.waitForTimeout(100);
    await page.screenshot({ path: `${folder}/${width}-${colorScheme}-held.png` });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${over} pixels too wide at ${width} with the explanation`);
  }
}

const scenarios = {
  async 'it makes one request and no complaint, and is there at once'() {
    for (const colorScheme of ['light', 'dark']) {
      const { page, heard } = await open({ colorScheme });
      // Stated, and not judged: another machine has another pace.
      console.log(await page.evaluate(() => {
        const opened = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd, before = performance.now();
        document.querySelector('.part.ks').click();
        document.body.getBoundingClientRect();
        return `opened after ${opened.toFixed()} ms, a click answered after ${(performance.now() - before).toFixed()} ms`;
      }));
      await page.evaluate(() => document.querySelectorAll('#m2 summary, #m2 .h b').forEach(e => e.click()));
      await page.mouse.wheel(0, 20000);
      await page.waitForTimeout(200);
      assert.deepEqual(heard.said, []);
      assert.equal(heard.requests.length, 1);
    }
  },

  async 'its policy stops what a planted name would run or load'() {
    const { page, heard } = await open();
    const asked = [];
    const elsewhere = createServer((request, response) => { asked.push(request.url); response.end(); });
    await new Promise(done => elsewhere.listen(0, '127.0.0.1', done));
    await page.evaluate(port => {
      const planted = document.createElement('div');
      planted.innerHTML = `<img src="http://127.0.0.1:${port}/a.png" onerror="window.harmed = 1"><style>body{display:none}</style>`;
      document.body.append(planted);
      const script = document.createElement('script');
      script.textContent = 'window.harmed = 2';
      document.body.append(script);
      return fetch(`http://127.0.0.1:${port}/b`).catch(() => {});
    }, elsewhere.address().port);
    await page.waitForTimeout(300);
    elsewhere.close();
    assert.deepEqual(asked, []);
    assert.equal(await page.evaluate(() => window.harmed), undefined);
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).display), 'none');
    assert.ok(heard.said.some(text => text.includes('Content Security Policy')), heard.said.join());
  },

  async 'pointing at a byte lights its line and all of its bytes, and says what it is'() {
    const { page } = await open();
    const random = line(page, 'random', '#m0');
    const id = await random.getAttribute('data-f');
    await page.locator(`#m0 .h [data-r="${id}"]`).nth(1).hover();
    await page.locator('#lens h3').waitFor();
    assert.equal((await lit(page)).split(' ').length, 32);
    assert.ok((await random.getAttribute('class')).includes('on'));
    const said = await lens(page);
    for (const words of ['ClientHello', 'random', '32 bytes at 000b', 'RFC 5246', 'key_block', 'client, on the wire'])
      assert.ok(said.includes(words), `no “${words}” in: ${said}`);
    await line(page, 'client_version', '#m0').locator('summary').hover();
    await page.waitForFunction(() => document.querySelector('#lens h3')?.textContent == 'client_version');
    assert.equal(await lit(page), '03 03');
    await page.mouse.move(600, 5);
    await page.waitForFunction(() => !document.querySelector('.h b.on'));
  },

  async 'an opened byte lights the sealed one that it was'() {
    const { page } = await open();
    const article = page.locator('article.message', { has: page.locator('h4', { hasText: 'opened with server_write_key' }) }).nth(1);
    await article.locator('.pair > :nth-child(2) .h b').first().hover();
    await page.waitForFunction(() => document.querySelector('.h b.twin'));
    const count = text => text.split(' ').length;
    assert.equal(count(await lit(page, 'twin')), count(await lit(page)));
  },

  async 'a held secret lights all that is made from it, on and on, until Esc'() {
    const { page } = await open();
    await page.locator('.part', { hasText: 'server_write_key' }).click();
    const flowing = await page.evaluate(() => [...document.querySelectorAll('article.message')]
      .filter(a => a.querySelector('.h b.flow')).map(a => a.querySelector('h3').firstChild.textContent.trim()));
    assert.deepEqual(flowing, ['Finished', '200 OK', 'close_notify']);
    const reached = await page.locator('.ladder a.has .lb span').allInnerTexts();
    assert.deepEqual(reached, flowing);
    await line(page, 'master_secret', '#s5').locator('> summary').click();
    assert.equal(await page.locator('.ladder a.has').count(), 6);
    await page.locator('.hex b').first().hover();
    await page.waitForTimeout(120);
    assert.ok(await page.locator('.f.pin').count(), 'it is held while others are pointed at');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.on, .flow, .twin, .pin, .has').count(), 0);
    assert.equal(await lens(page), '');
  },

  async 'the keyboard reaches everything: one stop a block, arrows from field to field'() {
    const { page } = await open();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.locator('#m0 .hex').focus();
    for (const expected of ['type', 'record version', 'length', 'msg_type']) {
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.locator('#lens h3').innerText(), expected);
    }
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.locator('#lens h3').innerText(), 'length');
    assert.equal(await lit(page), await page.locator('#m0 .h b').nth(2).innerText());
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement.querySelector('.nm')?.textContent);
    assert.equal(await focused(), 'record header', 'which is folded');
    for (const expected of ['ClientHello', 'msg_type', 'length', 'client_version']) {
      await page.keyboard.press('ArrowDown');
      assert.equal(await focused(), expected);
    }
    await page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), 'ClientHello');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    assert.notEqual(await focused(), 'msg_type', 'a folded group is passed over');
    await page.keyboard.press('Home');
    assert.equal(await focused(), 'record header');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'type', 'what was unfolded is gone through');
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => !document.activeElement.closest('#m0 .tree')), 'a list is one stop');
    const stops = await page.evaluate(() => [...document.querySelectorAll('.tree')]
      .map(tree => [...tree.querySelectorAll('summary')].filter(s => s.tabIndex == 0).length));
    assert.ok(stops.every(count => count == 1), stops.join());
  },

  async 'a link to a field unfolds the way to it'() {
    const { page: first } = await open();
    const folded = await first.evaluate(() => document.querySelector('details.g:not([open]) details.f[id]').id);
    const { page } = await open({}, `#${folded}`);
    await page.locator('#lens h3').waitFor();
    assert.ok(await page.locator(`#${folded} > summary`).isVisible());
    assert.equal(await page.evaluate(() => document.activeElement.parentElement.id), folded);
  },

  async 'roles and names are there for who hears the page'() {
    const { page } = await open();
    const heard = await page.locator('body').ariaSnapshot();
    for (const part of ['navigation "The conversation, message by message"', 'link "Step 1: ClientHello, client to server, 90 bytes, readable"',
      'heading "One TLS 1.2 handshake, opened" [level=1]', 'heading "1 Client Hello client → server" [level=2]', 'main:',
      'group "Bytes of ClientHello, on the wire. The arrow keys step through its fields."', 'figure "How the keys are made, drawn to scale"',
      'region "How to read this page"', 'columnheader "premaster"', 'rowheader "eavesdropper"', 'cell "holds it sealed'])
      assert.ok(heard.includes(part), `no ${part} in what is heard`);
    assert.equal(await page.locator('#lens').getAttribute('aria-live'), 'polite');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
    const levels = await page.evaluate(() => [...document.querySelectorAll('main h1, main h2, main h3, main h4')].map(h => +h.tagName[1]));
    levels.forEach((level, i) => assert.ok(level <= (levels[i - 1] ?? 2) + 1, 'no level of headings is left out'));
    const secret = await page.evaluate(() => document.querySelector('details.ks > summary').textContent);
    assert.ok(secret.includes('(secret or sealed)'), secret);
    // Contrast of text against what is behind it (WCAG 2.1 §1.4.3), light and dark.
    for (const colorScheme of ['light', 'dark']) {
      const { page } = await open({ colorScheme });
      const poor = await page.evaluate(() => {
        const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const rgb = color => { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
        const shine = color => [...rgb(color)].slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
        const back = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!c.endsWith(', 0)')) return c; } return 'white'; };
        return [...document.querySelectorAll('p, b, i, small, td, th, dt, dd, .nm, .vl, .of, .hx, .lb, .lab, .part, h1, h2, h3, h4, kbd')]
          .filter(e => e.textContent.trim() && e.checkVisibility()).map(e => {
            const [a, b] = [shine(getComputedStyle(e).color), shine(back(e))].sort((x, y) => y - x);
            return [(a + .05) / (b + .05), e.className + ' ' + e.textContent.slice(0, 30)];
          }).filter(([ratio]) => ratio < 4.5).map(([ratio, what]) => `${ratio.toFixed(2)}: ${what}`);
      });
      assert.deepEqual(poor, [], colorScheme);
    }
  },

  async 'without script every line opens and says the same'() {
    const { page, heard } = await open({ javaScriptEnabled: false });
    const random = page.locator('#m0 details.f', { has: page.locator('> summary .nm', { hasText: /^random$/ }) }).first();
    assert.ok(!await random.locator('> .x').isVisible());
    await random.locator('> summary').click();
    const said = await random.locator('> .x').innerText();
    for (const words of ['Fresh bytes', 'key_block', 'RFC 5246', 'client, on the wire']) assert.ok(said.includes(words), said);
    assert.ok(await page.locator('.nojs').isVisible() && !await page.locator('p.onlyjs').first().isVisible());
    assert.ok(await page.locator('#m0 .hex').isVisible());
    await page.screenshot({ path: `${folder}/without-script.png` });
    assert.deepEqual(heard.said, []);
  },

  async 'it fits from 320 to 1920 pixels'() {
    const { page } = await open();
    for (const width of [320, 400, 640, 641, 900, 1119, 1120, 1280, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${over} pixels too wide at ${width}`);
    }
    // What a label is for does not touch it.
    await page.setViewportSize({ width: 400, height: 900 });
    const gap = await page.evaluate(() => {
      const edge = (e, side) => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect()[side]; };
      return Math.min(...[...document.querySelectorAll('.opening tr')].map(tr => edge(tr.querySelector('td'), 'left') - edge(tr.querySelector('th'), 'right')));
    });
    assert.ok(gap >= 6, `${gap} pixels between a label and its value`);
    const rows = await page.evaluate(() => [...document.querySelectorAll('.legend li')].map(li => li.offsetHeight));
    assert.ok(Math.max(...rows) < 2 * Math.min(...rows), `the lines of the legend are ${rows.join(', ')} pixels high`);
  },

  'it can be looked at, light': () => looked_at('light'),
  'it can be looked at, dark': () => looked_at('dark'),

  async 'on paper everything is unfolded'() {
    const { page } = await open();
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    assert.equal(await page.locator('details.g:not([open])').count(), 0);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    const paper = await page.pdf({ path: `${folder}/print.pdf`, format: 'A4' });
    const pages = paper.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    console.log(`${pages} pages`);
    assert.ok(pages >= 5 && pages <= 18, `${pages} pages`);
  },
};

let failed = false;
try {
  if (scenario == '--list') console.log(Object.keys(scenarios).join('\n'));
  else await scenarios[scenario]();
} catch (error) {
  console.log(error.message);
  failed = true;
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
