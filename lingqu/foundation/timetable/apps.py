from django.apps import AppConfig


class TimetableConfig(AppConfig):
    """Calendar, bell times, timetables and their daily changes. Modules above key to the models named here."""

    name = "lingqu.foundation.timetable"
    label = "timetable"
    linkable_models = frozenset({"Timetable", "Lesson", "LessonChange", "BellSchedule"})
