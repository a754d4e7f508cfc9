package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// commands is the grammar of the command line.
type commands struct {
	Config  string           `help:"The configuration file (TOML)." env:"AUSHANG_CONFIG" type:"path" placeholder:"FILE"`
	JSON    bool             `help:"Print one JSON value." name:"json"`
	Version kong.VersionFlag `help:"Print the version."`

	Serve       serveCmd       `cmd:"" help:"Run web, federation and jobs in one process."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the schema of the database up to date (serve does it too)."`
	Demo        demoCmd        `cmd:"" help:"Fill an empty database with a sample village."`
	Person      personCmd      `cmd:"" help:"People who may sign in."`
	Club        clubCmd        `cmd:"" help:"Clubs and groups."`
	Event       eventCmd       `cmd:"" help:"Events."`
	Post        postCmd        `cmd:"" help:"Posts on the pin board."`
	Opportunity opportunityCmd `cmd:"" help:"What clubs look for volunteers for."`
	Delete      deleteCmd      `cmd:"" help:"Delete an event, a post or an opportunity for good."`
	Pin         pinCmd         `cmd:"" help:"Pin an event or a post to the top of its club's page."`
	Unpin       unpinCmd       `cmd:"" help:"Take it from there."`
	Hide        hideCmd        `cmd:"" help:"Take a foreign reply out of every page."`
	Show        showCmd        `cmd:"" help:"Put a hidden reply back."`
	Peer        peerCmd        `cmd:"" help:"Other towns with which this one shares what clubs publish."`
	Block       blockCmd       `cmd:"" help:"Domains that are kept out."`
	Remote      remoteCmd      `cmd:"" help:"What is stored from other servers."`
	Deliveries  deliveriesCmd  `cmd:"" help:"What has not arrived at other servers, and why."`
	Site        siteCmd        `cmd:"" help:"The town's own pages: Impressum, Datenschutz, Barrierefreiheit and others."`
	Places      placesCmd      `cmd:"" help:"Places with their coordinates, from open data: load, list, find, and where the town is."`
	Check       checkCmd       `cmd:"" help:"Look whether everything is as it should be: configuration, database, disk, clock, public address."`
	Backup      backupCmd      `cmd:"" help:"Write everything into one file, also while serve runs."`
	Verify      verifyCmd      `cmd:"" help:"Prove that a backup is whole, without touching anything."`
	Restore     restoreCmd     `cmd:"" help:"Make the town of a backup again, in an empty database and data folder."`
	PrintVer    versionCmd     `cmd:"" name:"version" help:"Print the version."`

	Token laterCmd `cmd:"" hidden:"" passthrough:""`

	serving bool
}

// laterCmd is a verb whose name is given already and whose work is not done.
type laterCmd struct {
	Args []string `arg:"" optional:""`
}

// Run says so.
func (laterCmd) Run(parsed *kong.Context) error {
	return errUsage{fmt.Sprintf("%s: this verb belongs to a later version and does nothing yet", strings.Fields(parsed.Command())[0])}
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(c *call) error {
	return c.print(map[string]string{"version": version()}, "aushang %s", version())
}
