"""What became of a deployment behind Pulumi's back, and what an update has to be told so that it repairs it.

The recorded state is compared with the daemon itself. A refresh of Pulumi would say less: its Docker provider never
looks for an image, does not notice a tag that was moved, a CPU limit that was changed or a container that was paused,
and calls a container that was swapped for another of the same name deleted.
"""
