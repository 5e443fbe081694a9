def changes_panel(snapshot, plan):
    pass
