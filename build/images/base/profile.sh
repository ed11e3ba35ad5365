# The user id of a learner has no name: the default prompt would say "I have no name!".
PS1='\w\$ '
HISTFILE=/tmp/.bash_history
