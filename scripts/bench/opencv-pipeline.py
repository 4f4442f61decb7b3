"""What detect-pipeline.ts compares with: OpenCV on the same pictures, on one thread.

Arguments: file of grey pictures, width, height. For each line "one" or "dual" on standard input it runs once over
all pictures with fresh models and prints the milliseconds of processor time a picture. "one" is a single MOG2; "dual" is two of them
(a short and a long memory), a static age counted from both, and components of both masks with their statistics.
"""
import sys
import time

import cv2
import numpy as np

SHORT_HISTORY, LONG_HISTORY, VARIANCES = 8, 200, 16
STATIC_FRAMES = 20


def one(pictures):
    model = cv2.createBackgroundSubtractorMOG2(LONG_HISTORY, VARIANCES, False)
    for picture in pictures:
        model.apply(picture)


def dual(pictures):
    short = cv2.createBackgroundSubtractorMOG2(SHORT_HISTORY, VARIANCES, False)
    long = cv2.createBackgroundSubtractorMOG2(LONG_HISTORY, VARIANCES, False)
    age = np.zeros(pictures[0].shape, np.uint8)
    for picture in pictures:
        moving = short.apply(picture)
        new = long.apply(picture)
        still = cv2.bitwise_and(new, cv2.bitwise_not(moving))
        age = cv2.add(age, cv2.bitwise_and(still, 1))
        age = cv2.subtract(age, cv2.bitwise_and(cv2.bitwise_not(still), 4))
        _, static = cv2.threshold(age, STATIC_FRAMES, 255, cv2.THRESH_BINARY)
        cv2.connectedComponentsWithStats(static)
        cv2.connectedComponentsWithStats(new)


cv2.setNumThreads(1)
file, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
frames = list(np.fromfile(file, dtype=np.uint8).reshape(-1, height, width))
print(cv2.__version__, flush=True)
for line in sys.stdin:
    run = {"one": one, "dual": dual}[line.strip()]
    began = time.process_time()
    run(frames)
    print((time.process_time() - began) * 1000 / len(frames), flush=True)
