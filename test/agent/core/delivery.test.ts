import t from 'tap';
import { removeDir, startDevice, tempDir } from './support/device.ts';
import { ModelLedger } from './support/model-ledger.ts';

t.test('an alarm is sent at PUBACK, received at the receipt, and kept', async (t) => {
  const dir = tempDir();
  const device = startDevice({ dir });
  t.teardown(() => removeDir(dir));
  const ledger = new ModelLedger();
  const id = device.press();
  const session = device.connect(ledger);
  t.same(device.stages, []);
  session.confirmOne();
  t.same(device.stages, [`sent ${id}`]);
  session.settle();
  t.same(device.stages, [`sent ${id}`, `received ${id}`]);
  t.same(
    ledger.ofLane('alarm').map((event) => event.id),
    [id],
  );
  t.equal(device.journal.queues().alarm, 0);
  t.same(device.journal.recentlyReceived(), [id]);
  device.close();
  t.equal(device.clock.pending, 0, 'no timer is left behind');
});
