def compare_panel(snapshot, plan):
    pass
