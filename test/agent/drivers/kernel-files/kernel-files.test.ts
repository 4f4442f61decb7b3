import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { HwmonConfig, IioConfig, PowerConfig } from '#agent/drivers/kernel-files/config.ts';
import { KernelSensor } from '#agent/drivers/kernel-files/kernel-sensor.ts';
import {
  hwmonReading,
  iioReading,
  powerReading,
  type Reading,
} from '#agent/drivers/kernel-files/readings.ts';
import { sensorConformance } from '#test/conformance/driver/sensor.ts';
import { FakeSysfs } from './fake-sysfs.ts';

const IIO = 'bus/iio/devices';
const I2C = 'devices/platform/soc/i2c-1';

async function started(reading: Reading): Promise<KernelSensor> {
  const sensor = new KernelSensor({ name: 'room', unit: 'Cel', reading });
  await sensor.start();
  return sensor;
}

const iio = (sys: FakeSysfs, more: object) =>
  started(iioReading(IioConfig.parse({ driver: 'iio', root: sys.root, ...more })));
const hwmon = (sys: FakeSysfs, more: object) =>
  started(hwmonReading(HwmonConfig.parse({ driver: 'hwmon', root: sys.root, ...more })));
const power = (sys: FakeSysfs, more: object) =>
  started(powerReading(PowerConfig.parse({ driver: 'power', root: sys.root, ...more })));

/** A tree with one chip that computes its values, as sht3x and bme280 do. */
function withChip(t: Test): FakeSysfs {
  const sys = new FakeSysfs(t);
  sys.device(`${IIO}/iio:device3`, `${I2C}/1-0076/iio:device3`, {
    name: 'bme280\n',
    in_temp_input: '21530\n',
    in_humidityrelative_input: '48250\n',
    in_pressure_input: '101.325\n',
    in_concentration_co2_input: '0.0612\n',
  });
  sys.write(`${IIO}/trigger0/uevent`, '');
  return sys;
}

sensorConformance('iio', async () => {
  const sys = withChip(t);
  return {
    sensor: new KernelSensor({
      ...{ name: 'room', unit: 'Cel' },
      reading: iioReading(
        IioConfig.parse({ driver: 'iio', root: sys.root, device: 'bme280', channel: 'temp' }),
      ),
    }),
    set: async (level) =>
      sys.write(`${I2C}/1-0076/iio:device3/in_temp_input`, level === 'fail' ? '\n' : `${level * 1000}\n`),
  };
});

t.test('temperature, humidity and pressure of a chip, by its name', async (t) => {
  const sys = withChip(t);
  t.equal(await (await iio(sys, { device: 'bme280', channel: 'temp' })).read(), 21.53);
  t.equal(await (await iio(sys, { device: 'bme280', channel: 'humidityrelative' })).read(), 48.25);
  t.equal(await (await iio(sys, { device: 'bme280', channel: 'pressure' })).read(), 101.325);
  t.equal(await (await iio(sys, { device: 'bme280', channel: 'concentration_co2' })).read(), 0.0612);
});

t.test('a raw value takes its offset first, then its scale, of its own or of its kind', async (t) => {
  const sys = new FakeSysfs(t);
  sys.device(`${IIO}/iio:device0`, `${I2C}/1-0040/iio:device0`, {
    name: 'si7020\n',
    in_temp_raw: '7000\n',
    in_temp_offset: '-4368\n',
    in_temp_scale: '10.725\n',
    in_voltage0_raw: '2048\n',
    in_voltage0_scale: '1\n',
    in_voltage1_raw: '2048\n',
    in_voltage_scale: '0.5\n',
  });
  const read = async (more: object) => (await iio(sys, { device: 'si7020', ...more })).read();
  t.equal((await read({ channel: 'temp' })).toFixed(6), (((7000 - 4368) * 10.725) / 1000).toFixed(6));
  t.equal(await read({ channel: 'voltage0' }), 2.048, 'volts');
  t.equal(await read({ channel: 'voltage1' }), 1.024);
  t.equal(await read({ channel: 'voltage1', times: 11 }), 11.264, 'behind a divider');
});

t.test('a chip is found again under another number', async (t) => {
  const sys = withChip(t);
  const sensor = await iio(sys, { device: 'bme280', channel: 'temp' });
  t.equal(await sensor.read(), 21.53);
  sys.remove(`${IIO}/iio:device3`);
  sys.remove(`${I2C}/1-0076`);
  await t.rejects(sensor.read(), { code: 'WP2360' });
  sys.device(`${IIO}/iio:device0`, `${I2C}/1-0076/iio:device0`, { name: 'other\n', in_temp_input: '1\n' });
  sys.device(`${IIO}/iio:device1`, `${I2C}/1-0077/iio:device1`, {
    name: 'bme280\n',
    in_temp_input: '5000\n',
  });
  t.equal(await sensor.read(), 5);
});

t.test('numbers that changed hands between two readings are seen at the next one that fails', async (t) => {
  const sys = withChip(t);
  const sensor = await iio(sys, { device: 'bme280', channel: 'temp' });
  await sensor.read();
  sys.remove(`${IIO}/iio:device3`);
  sys.device(`${IIO}/iio:device5`, `${I2C}/1-0076/iio:device5`, {
    name: 'bme280\n',
    in_temp_input: '7000\n',
  });
  t.equal(await sensor.read(), 7, 'in the same reading');
});

t.test('two chips of one name are told apart by where they are, and never guessed', async (t) => {
  const sys = new FakeSysfs(t);
  for (const [index, address] of ['1-0044', '1-0045'].entries()) {
    sys.device(`class/hwmon/hwmon${index}`, `${I2C}/${address}/hwmon/hwmon${index}`, {
      name: 'sht3x\n',
      temp1_input: `${20_000 + index * 1000}\n`,
    });
  }
  const both = await hwmon(sys, { device: 'sht3x', channel: 'temp1' });
  await t.rejects(both.read(), { code: 'WP2361', detail: /1-0044.*1-0045/ });
  t.equal(await (await hwmon(sys, { device: 'sht3x', channel: 'temp1', at: '1-0045' })).read(), 21);
  const none = await hwmon(sys, { device: 'sht3x', channel: 'temp1', at: '1-0046' });
  await t.rejects(none.read(), { code: 'WP2360', detail: /1-0044/ });
});

t.test('hwmon: each kind has its unit, and what a chip calls faulty is not believed', async (t) => {
  const sys = new FakeSysfs(t);
  sys.device('class/hwmon/hwmon2', 'devices/w1_bus_master1/28-01/hwmon/hwmon2', {
    name: 'w1_slave_temp\n',
    temp1_input: '-1250\n',
    temp2_input: '127000\n',
    temp2_fault: '1\n',
    in0_input: '12300\n',
    curr1_input: '250\n',
    power1_input: '3000000\n',
    humidity1_input: '55500\n',
    fan1_input: '1200\n',
  });
  const read = async (channel: string) => (await hwmon(sys, { device: 'w1_slave_temp', channel })).read();
  for (const [channel, value] of Object.entries({
    temp1: -1.25,
    in0: 12.3,
    curr1: 0.25,
    power1: 3,
    humidity1: 55.5,
    fan1: 1200,
  })) {
    t.equal(await read(channel), value, channel);
  }
  await t.rejects(read('temp2'), { code: 'WP2363' });
  await t.rejects(read('temp3'), { code: 'WP2362' });
});

t.test('battery and mains', async (t) => {
  const sys = new FakeSysfs(t);
  sys.device('class/power_supply/BAT0', 'devices/ups/power_supply/BAT0', {
    capacity: '87\n',
    voltage_now: '12650000\n',
    temp: '231\n',
  });
  sys.device('class/power_supply/AC', 'devices/ups/power_supply/AC', { online: '0\n' });
  const read = async (supply: string, property: string) => (await power(sys, { supply, property })).read();
  t.equal(await read('BAT0', 'capacity'), 87);
  t.equal(await read('BAT0', 'voltage_now'), 12.65);
  t.equal(await read('BAT0', 'temp'), 23.1);
  t.equal(await read('AC', 'online'), 0);
  sys.write('class/power_supply/AC/online', '1\n');
  t.equal(await read('AC', 'online'), 1);
  await t.rejects(read('BAT1', 'capacity'), { code: 'WP2362' });
});

t.test('nonsense in a file is an error, not a number', async (t) => {
  const sys = withChip(t);
  const sensor = await iio(sys, { device: 'bme280', channel: 'temp' });
  for (const text of ['', '\n', 'nan', '12 13', 'Infinity']) {
    sys.write(`${I2C}/1-0076/iio:device3/in_temp_input`, text);
    await t.rejects(sensor.read(), { code: 'WP2363' }, JSON.stringify(text));
  }
});

t.test('a reading that the kernel does not finish is not joined by another', async (t) => {
  const sys = withChip(t);
  const file = join(sys.root, `${I2C}/1-0076/iio:device3/in_temp_input`);
  sys.remove(`${I2C}/1-0076/iio:device3/in_temp_input`);
  // Whoever opens a pipe waits for somebody at its other end.
  execFileSync('mkfifo', [file]);
  const sensor = await iio(sys, { device: 'bme280', channel: 'temp' });
  const first = sensor.read();
  await t.rejects(sensor.read(), { code: 'WP2364' });
  execFile('sh', ['-c', 'echo 3000 >"$1"', 'sh', file]);
  t.equal(await first, 3);
});

t.test('paths out of the kernel’s folder are refused', async (t) => {
  const refused = (config: { safeParse(value: unknown): { success: boolean } }, value: object) =>
    t.notOk(config.safeParse(value).success);
  refused(IioConfig, { driver: 'iio', device: 'x', channel: '../../etc/passwd' });
  refused(HwmonConfig, { driver: 'hwmon', device: 'x', channel: 'temp1/../..' });
  refused(PowerConfig, { driver: 'power', supply: '../BAT0', property: 'capacity' });
  refused(PowerConfig, { driver: 'power', supply: 'BAT0', property: 'uevent' });
});
