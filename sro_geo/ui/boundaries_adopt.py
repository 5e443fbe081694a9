def adoption_panel(snapshot, plan):
    pass
