"""An RTSP camera for tests. Orders come as lines on standard input, answers go as lines to standard output.

    serve PORT WIDTH HEIGHT FPS   listens (0: any free port), shows a test picture and answers `serving PORT`
    play PORT FILE                the same with a VP8 video in Matroska, from its beginning when the first one looks,
                                  and on even when a viewer vanishes without a word
    stop                          closes the port and every connection: a camera without power
    stall | flow                  goes on being connected but sends nothing | sends again
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)


class Camera:
    def __init__(self):
        self.server = None
        self.source = 0
        self.valves = []

    def serve(self, port, width, height, fps):
        picture = f"video/x-raw,width={width},height={height},framerate={fps}/1"
        self.listen(port, f"videotestsrc is-live=true pattern=ball ! {picture}")

    def play(self, port, file):
        self.listen(port, f'filesrc location="{file}" ! matroskademux ! vp8dec')

    def listen(self, port, source):
        self.valves = []
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_shared(True)
        factory.set_stop_on_disconnect(False)
        encode = "videoconvert ! video/x-raw,format=I420 ! jpegenc ! rtpjpegpay name=pay0 pt=26"
        factory.set_launch(f"( {source} ! valve name=valve ! {encode} )")
        factory.connect("media-configure", self.configured)
        self.server = GstRtspServer.RTSPServer()
        self.server.set_address("127.0.0.1")
        self.server.set_service(port)
        self.server.get_mount_points().add_factory("/camera", factory)
        self.source = self.server.attach(None)
        say(f"serving {self.server.get_bound_port()}" if self.source else "failed")

    def configured(self, _factory, media):
        self.valves.append(media.get_element().get_by_name("valve"))

    def stop(self):
        self.server.client_filter(lambda _server, _client: GstRtspServer.RTSPFilterResult.REMOVE)
        GLib.source_remove(self.source)
        self.server = None
        say("stopped")

    def drop(self, drops):
        for valve in self.valves:
            valve.set_property("drop", drops)
        say("stalled" if drops else "flowing")


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def obey(channel, _condition):
    line = channel.readline()
    words = line.split()
    if not line:
        loop.quit()
        return False
    if words[0] == "serve":
        camera.serve(*words[1:])
    elif words[0] == "play":
        camera.play(words[1], " ".join(words[2:]))
    elif words[0] == "stop":
        camera.stop()
    elif words[0] in ("stall", "flow"):
        camera.drop(words[0] == "stall")
    return True


camera = Camera()
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, obey)
loop.run()
