package lesson

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxServices bounds the services of an exercise: each is a container on the learner's computer.
const maxServices = 4

// services reads what runs beside an exercise. Seeds are files of the lesson's folder seed/.
func (l *loader) services(d *document, f map[string]*yaml.Node, lesson *Lesson, network Network) []Service {
	n := f["services"]
	dir := "lessons/" + lesson.Slug + "/seed"
	seeds := l.tree.folder(dir)
	used := map[string]bool{}
	var out []Service
	for _, item := range d.items(n, `"services"`) {
		s, at := l.service(d, item, seeds)
		for _, seed := range s.Seed {
			used[seed.Path] = true
		}
		for _, other := range out {
			switch {
			case s.Name != "" && s.Name == other.Name:
				d.errorf(item, "two services are called %q. Give one of them another name.", s.Name)
			case s.Port != 0 && s.Port == other.Port:
				d.errorf(at["port"], "the services %q and %q both use port %d. They share the exercise's loopback, so give one of them another port.",
					other.Name, s.Name, s.Port)
			case s.Port == other.Port && s.Environment == other.Environment:
				d.errorf(item, "the services %q and %q both use the usual port of %s. Give one of them another, such as \"port: 15432\".",
					other.Name, s.Name, s.Environment.Name)
			}
		}
		out = append(out, s)
	}
	switch {
	case len(out) > maxServices:
		d.errorf(n, "the exercise has %d services, and %d is the most. Remove some.", len(out), maxServices)
	case len(out) > 0 && network != NetworkServices:
		d.errorf(n, "services need the line \"network: services\". Add it.")
	case len(out) == 0 && network == NetworkServices:
		d.errorf(f["network"], "\"network: services\" needs services. Add a line like \"services: [{name: postgres}]\" or remove it.")
	}
	for _, p := range seeds.Paths() {
		if !used[p] {
			l.problems.add(Problem{File: dir + "/" + p, Lesson: lesson.Slug,
				Message: "no service is seeded with this file. Name it under \"seed\" of a service or remove it."})
		}
	}
	return out
}

// checkPreview reports a preview that nothing could answer.
func (l *loader) checkPreview(d *document, f map[string]*yaml.Node, e *Exercise) {
	if e.Preview == 0 {
		return
	}
	if len(e.RunCommand) == 0 {
		d.errorf(f["preview"], "\"preview\" needs a program. Add a line like \"run: [python3, server.py]\".")
	}
	for _, s := range e.Services {
		if s.Port == e.Preview {
			d.errorf(f["preview"], "the service %q uses port %d already. Let the program listen on another one.", s.Name, s.Port)
		}
	}
}

// service reads one of them and returns where its fields are.
func (l *loader) service(d *document, item *yaml.Node, seeds Files) (Service, map[string]*yaml.Node) {
	f := d.fields(item, "each service", "name", "environment", "port", "env", "seed")
	s := Service{
		Name: d.str(d.required(item, f, "name", "name: postgres"), `"name"`),
		Env:  d.env(f["env"]),
		Port: uint16(d.number(f["port"], `"port"`, 1, 65535)),
	}
	if s.Name != "" && (!validSlug(s.Name) || s.Name == "localhost") {
		d.errorf(f["name"], "%q is not a name for a service. Programs reach it by this name: write lower-case letters, digits and hyphens.", s.Name)
	}
	environment, at := s.Name, f["name"]
	if f["environment"] != nil {
		environment, at = d.str(f["environment"], `"environment"`), f["environment"]
	}
	own, known := l.environments[environment]
	switch {
	case known:
		s.Environment = own
	case slices.Contains(ShippedServices(), environment):
		s.Environment = Environment{Name: environment}
	case environment != "":
		d.errorf(at, "there is no service environment %q. %s", environment, suggest(environment, append(ShippedServices(), l.ownEnvironments()...)))
	}
	for _, p := range d.strs(f["seed"], `"seed"`) {
		file, ok := seeds[p]
		switch {
		case slices.ContainsFunc(s.Seed, func(seed SeedFile) bool { return seed.Path == p }):
			d.errorf(f["seed"], "the seed %q is listed twice. Keep one of them.", p)
		case !ok:
			d.errorf(f["seed"], "there is no file seed/%s in the lesson's folder. %s", strings.TrimPrefix(path.Clean(p), "seed/"), suggest(p, seeds.Paths()))
		default:
			s.Seed = append(s.Seed, SeedFile{Path: p, Data: file.Data})
		}
	}
	return s, f
}
