"""Embedded PostgreSQL: our own runner over packaged programs. ``DATABASE_URL`` set = nothing here starts."""

from .addresses import socket_folder, superuser_url, url_of
from .cluster import Cluster, ClusterError, forgotten_clusters
from .programs import Programs, find_programs

__all__ = [
    "Cluster",
    "ClusterError",
    "Programs",
    "find_programs",
    "forgotten_clusters",
    "socket_folder",
    "superuser_url",
    "url_of",
]
