def spaces_panel(snapshot, plan):
    pass
