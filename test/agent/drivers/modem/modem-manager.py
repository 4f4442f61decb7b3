# A stand-in for ModemManager on the bus of DBUS_SYSTEM_BUS_ADDRESS; its modems are the arguments: IMEI:QUALITY:STATE.
import sys
import gi
gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib
import os

XML = '''<node><interface name="org.freedesktop.DBus.ObjectManager"><method name="GetManagedObjects">
<arg type="a{oa{sa{sv}}}" direction="out"/></method></interface></node>'''

def called(connection, sender, path, interface, method, arguments, invocation):
    modems = {}
    for number, modem in enumerate(sys.argv[1:]):
        imei, quality, state = modem.split(':')
        modems['/org/freedesktop/ModemManager1/Modem/%d' % number] = {
            'org.freedesktop.ModemManager1.Modem': {
                'SignalQuality': GLib.Variant('(ub)', (int(quality), True)),
                'State': GLib.Variant('i', int(state)),
                'EquipmentIdentifier': GLib.Variant('s', imei),
                'Manufacturer': GLib.Variant('s', 'Example'),
            },
            'org.freedesktop.ModemManager1.Modem.Simple': {},
        }
    invocation.return_value(GLib.Variant('(a{oa{sa{sv}}})', (modems,)))

flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
bus = Gio.DBusConnection.new_for_address_sync(os.environ['DBUS_SYSTEM_BUS_ADDRESS'], flags, None, None)
interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
bus.register_object('/org/freedesktop/ModemManager1', interface, called, None, None)
Gio.bus_own_name_on_connection(
    bus, 'org.freedesktop.ModemManager1', 0, lambda *_: print('ready', flush=True), None)
loop = GLib.MainLoop()
GLib.timeout_add_seconds(120, loop.quit)
loop.run()
