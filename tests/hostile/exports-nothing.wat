(component (@custom "render:description" "{}"))
