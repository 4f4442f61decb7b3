import t from 'tap';
import { Run, type Step } from '#contract/commission/run.ts';
import { TestSite, until } from '#test/support/site.ts';
import { gpsdAt, startPillar } from './profile.ts';

const BY = { by: 'Mei Lin' };
const DEVICE = 'devices/demo.pillar-001/commissioning';

t.test('a run, step by step, over HTTP', async (t) => {
  const site = await TestSite.make(t);
  await startPillar(site, 'none', await gpsdAt(t, '31.2405'));
  const post = (path: string, body: object = BY) => site.request('POST', path, body);
  const code = async (path: string, body?: object) => {
    const { status, body: problem } = await post(path, body);
    return `${status} ${Object(problem).code ?? ''}`.trim();
  };
  const begun = await post(DEVICE);
  t.equal(begun.status, 201);
  const { id, steps, testUntil } = Run.parse(begun.body);
  const at = (step: string, action: string) =>
    `commissioning/${id}/steps/${encodeURIComponent(step)}/${action}`;
  const run = async () => Run.parse((await site.request('GET', `commissioning/${id}`)).body);
  const stepNow = async (wanted: string): Promise<Step> => {
    const found = (await run()).steps.find((step) => step.id === wanted);
    if (found === undefined) throw new TypeError(`no step ${wanted}`);
    return found;
  };
  const untilStep = (wanted: string, what: string, holds: (step: Step) => boolean) =>
    until(`${wanted} ${what}`, async () => {
      const step = await stepNow(wanted);
      return holds(step) ? step : null;
    });

  await t.test('has the device in test mode from its beginning, and is the only one', async (t) => {
    t.ok(Date.parse(testUntil ?? '') > Date.now());
    t.equal(
      steps.every(({ state }) => state === 'open'),
      true,
    );
    t.equal(await code(DEVICE), '409 WP4502');
    t.equal(await code('devices/demo.nobody/commissioning'), '404 WP3404');
    t.equal(await code(at('nothing', 'begin')), '404 WP4505');
    t.equal(await code('commissioning/nothing/finish'), '404 WP4501');
  });

  await t.test('asks for the name of whoever does it', async (t) => {
    t.equal(await code(at('siren', 'begin'), {}), '400 WP3400');
    t.equal(await code(at('siren', 'begin'), { by: ' ' }), '400 WP3400');
    t.equal(await code(at('siren', 'skip'), { by: 'Mei Lin' }), '400 WP3400', 'and for a reason');
  });

  await t.test('asks the person, believes their no, and lets the step be repeated', async (t) => {
    t.equal(
      await code(at('siren', 'answer'), { ...BY, answer: 'yes' }),
      '409 WP4506',
      'nothing is asked yet',
    );
    t.equal(await code(at('siren', 'begin')), '200');
    t.equal(await code(at('clock', 'begin')), '409 WP4504', 'one at a time');
    await untilStep('siren', 'asks', ({ prompt }) => prompt?.question === 'yes-no');
    t.equal((await site.state()).siren, true, 'it sounds while the person is asked');
    t.equal(await code(at('siren', 'answer'), { ...BY, answer: 'no', note: 'silent' }), '200');
    const failed = await untilStep('siren', 'failed', ({ state }) => state === 'failed');
    t.match(failed, { code: 'WP4507', detail: 'silent', attempts: 1 });
    t.equal(await code(at('siren', 'begin')), '200');
    await untilStep('siren', 'asks', ({ prompt }) => prompt?.question === 'yes-no');
    await post(at('siren', 'answer'), { ...BY, answer: 'yes' });
    t.match(await untilStep('siren', 'passed', ({ state }) => state === 'passed'), {
      code: null,
      attempts: 2,
    });
  });

  await t.test(
    'accepts what has failed, and skips what was not done, with a reason and a name',
    async (t) => {
      t.equal(
        await code(at('tamper:tamper', 'accept'), { ...BY, reason: 'no key' }),
        '409 WP4506',
        'it is open',
      );
      t.equal(await code(at('tamper:tamper', 'skip'), { ...BY, reason: 'no key' }), '200');
      t.match(await stepNow('tamper:tamper'), {
        state: 'skipped',
        reason: 'no key',
        by: { name: 'Mei Lin' },
      });
      t.equal(await code(at('siren', 'skip'), { ...BY, reason: 'no need' }), '409 WP4506', 'it has passed');
    },
  );

  await t.test('judges a reading by the range of the profile before anybody is asked', async (t) => {
    await site.sim({ request: 'sensor', name: 'battery', value: 9 });
    await post(at('sensor:battery', 'begin'));
    const failed = await untilStep('sensor:battery', 'failed', ({ state }) => state === 'failed');
    t.match(failed, { code: 'WP4511', measured: [{ name: 'battery', value: 9, unit: 'V' }] });
    t.equal(await code(at('sensor:battery', 'accept'), { ...BY, reason: 'new battery on Monday' }), '200');
  });

  await t.test('does not believe a place that the device’s own receiver is far from', async (t) => {
    await post(at('location', 'begin'));
    const failed = await untilStep('location', 'failed', ({ state }) => state === 'failed');
    t.match(failed, { code: 'WP4507', measured: [{ name: 'receiver', value: 1123, unit: 'm' }] });
  });

  await t.test('a step that is stopped is open again', async (t) => {
    await post(at('press:button', 'begin'));
    await untilStep('press:button', 'asks', ({ prompt }) => prompt?.key === 'press');
    await post(`commissioning/${id}/stop`, {});
    t.match(await stepNow('press:button'), { state: 'open', code: 'WP4528', prompt: null });
  });

  await t.test('outlives the site: what was under way is to be done again', async (t) => {
    await post(at('press:button', 'begin'));
    await untilStep('press:button', 'asks', ({ prompt }) => prompt?.key === 'press');
    await site.broker.kill();
    await site.startBroker();
    const { state, steps: after } = await run();
    t.equal(state, 'open');
    t.match(
      after.find((step) => step.id === 'press:button'),
      { state: 'open', code: 'WP4516' },
    );
    t.match(
      after.find((step) => step.id === 'siren'),
      { state: 'passed' },
    );
    await until('the device is back', async () => {
      const { body } = await site.request('GET', 'devices/demo.pillar-001');
      return Object(body).online === true;
    });
  });

  await t.test('ends with a certificate that says what is missing, and test mode ends with it', async (t) => {
    const finish = () => post(`commissioning/${id}/finish`, { ...BY, remark: 'rain' });
    const [first, begun] = await Promise.all([finish(), post(at('siren', 'begin'))]);
    t.not(`${first.status} ${begun.status}`, '200 200', 'no step begins in a run that ends');
    if (begun.status === 200) await post(`commissioning/${id}/stop`, {});
    const ended = begun.status === 200 ? await finish() : first;
    t.match(ended.body, { state: 'finished', result: 'not-passed', testUntil: null, remark: 'rain' });
    t.equal(await code(at('siren', 'begin')), '409 WP4509');
    const { body } = await site.request('GET', `commissioning/${id}/certificate`);
    t.match(body, { certificate: { id, result: 'not-passed', remark: 'rain' } });
    const press = await site.press();
    const [event] = (await site.events('wp.panic.pressed.v1')).filter((each) => each.id === press);
    t.ok(event);
    t.equal(event?.wptest, undefined, 'a real one');
    t.equal(await code(DEVICE), '409 WP4503', 'beside which nothing is tested');
  });
});
