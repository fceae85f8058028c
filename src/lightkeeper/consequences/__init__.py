"""consequences"""
