"""Letters of phonetic, technical and obsolete writing.  Made by `make technical`: do not edit.

In hexadecimal, from the first to the last of those that stand together.
Must not know anything else of ours.
Source: IdentifierType.txt of Unicode 17.0.0 (UTS 39), of which tools/technical.py says what is taken;
its SHA-256 is 924ac63faa97ed73420d6ac48d08279d90968c7da0502ab701e08bfbb9683c22.
The data is Unicode, Inc.'s, under the Unicode License v3: see LICENSE.unicode.
"""

from typing import Final

VERSION: Final = "17.0.0"

ROWS: Final = """\
138 180 18D 1AA-1AB 1B9-1BB 1BE-1C3 1F6-1F7 200-217 21C-21D 234-236 250-252 255 258 25A 25C-262 264-267 26A-271
273-288 28A 28C-291 293-2AF 2B9-2BA 2BD-2C1 2C6-2D1 2EC 2EE 30E-315 317-31A 31C-320 324-325 329-330 333 335 337-33F
342 346-34E 350-357 359-362 3CF 3D7 3F3 3FC 484-487 559 560 588 5C7 653 671 6E5-6E6 740-74A 870-887 8C9 950 953-954
97D A74 AD0 B82 BD0 D04 D81 D8F-D90 DDF DF3 EAF F00 F18-F19 F35 F37 F3E-F3F FC6 10F9-10FA 17CE-17CF 17D1 17DD
1ABF-1AC0 1ACF-1ADD 1AE0-1AEB 1B6B-1B73 1D00-1D2B 1D2F 1D3B 1D4E 1D6B-1D77 1D79-1D9A 1DC0-1E01 1E18-1E1B 1E2A-1E2D
1E72-1E77 1E9C-1E9D 1E9F 1EFA-1EFF 1FB0-1FB1 20D0-20F0 2180-2184 24EB-24FF 2C60-2C67 2C6D-2C7B 2C7E-2C7F 2CF0-2CF1
2D27 2D2D 3021-302F 3031-3035 303B-303C A717-A71F A722-A76F A771-A788 A78E A790-A791 A794-A7A9 A7AB-A7B1 A7BA-A7C1
A7C4-A7CA A7D0-A7D9 A7F5-A7F7 A7FA-A7FF AB30-AB5A AB64-AB65 AB68 FB1E FBC3-FBD2 FD90-FD91 FDC8-FDCE FE20-FE2F FE73
10EC5-10EC6 10EFB 16FF2-16FF6 1CF00-1CF2D 1CF30-1CF46 1D165-1D169 1D16D-1D172 1D17B-1D182 1D185-1D18B 1D1AA-1D1AD
1D242-1D244 1DF00-1DF1E 1DF25-1DF2A
"""


def read() -> frozenset[str]:
    """Return the letters."""
    return frozenset(
        chr(point)
        for row in ROWS.split()
        for first, _sign, last in [row.partition("-")]
        for point in range(int(first, 16), int(last or first, 16) + 1)
    )
