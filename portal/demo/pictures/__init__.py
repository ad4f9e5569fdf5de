"""The demo's pictures, drawn by code: no photograph, no licence to ask for.

`draw(name)` gives a finished 1800 x 1200 illustration, always the same pixels
for the same name. Names are the words of content files:
`<figure data-picture="karst-bay" ...>`.
"""

from PIL import Image

from . import (
    civic,
    community,
    economy,
    evenings,
    landscapes,
    networks,
    science,
    services,
    works,
)
from .canvas import Canvas

_SCENES = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        landscapes.karst_bay,
        landscapes.rice_terraces,
        landscapes.forest,
        landscapes.ponds,
        landscapes.tea_hills,
        landscapes.fishing_harbour,
        science.laboratory,
        science.microscope,
        networks.data_centre,
        networks.digital_city,
        networks.satellite_station,
        science.robotics,
        networks.operations_centre,
        civic.conference_hall,
        civic.city_hall,
        civic.meeting,
        civic.one_stop,
        services.desk,
        services.phone_service,
        services.innovation,
        economy.solar_farm,
        economy.greenhouse,
        economy.port,
        economy.bridge_night,
        economy.offshore_wind,
        works.factory,
        works.orchard,
        works.metrology,
        works.sensor_coast,
        community.market,
        community.xray_room,
        community.archive,
        community.exhibition,
        community.electric_bus,
        evenings.starry_school,
        evenings.lighthouse,
        evenings.beach_festival,
    )
}

NAMES = tuple(_SCENES)


def draw(name: str) -> Image.Image:
    """Return the picture called `name`; KeyError when there is none."""
    canvas = Canvas(name)
    _SCENES[name](canvas)
    return canvas.finish()
