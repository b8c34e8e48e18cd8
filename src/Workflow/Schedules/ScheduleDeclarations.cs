using System.Text.Json;
using Workflow.Jobs;
using Workflow.Ledger;

namespace Workflow.Schedules;

/// <summary>Writes the schedules of job files to the ledger. Declaring the same again changes nothing; what is new, or fires at other times than before, starts from now.</summary>
/// <param name="ledger">The ledger.</param>
/// <param name="reader">Reads job files.</param>
public sealed class ScheduleDeclarations(LedgerDb ledger, ScheduledJobReader reader)
{
    Dictionary<string, (DateTime Written, long Size)>? seen;

    /// <summary>Declares all job files of some folders, or single ones, on behalf of a serve: schedules it declared before whose file or entry is gone are withdrawn. Those of the command <c>add</c> stay.</summary>
    /// <param name="paths">Job files and folders of job files (*.yaml, *.yml, not below); absolute.</param>
    public ScheduleDeclaration Declare(IReadOnlyList<string> paths)
    {
        var (keys, changed, left, problems) = (new List<string>(), new List<string>(), new List<string>(), new List<string>());
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in paths.SelectMany(Files).Distinct(StringComparer.Ordinal))
        {
            var rows = ledger.Read(db => ScheduleRows.All(db, withdrawn: false)).FindAll(r => r.File == file);
            try
            {
                // What was added with --set is read with it again.
                var added = rows.Find(r => r.Source == "add");
                Put(reader(file, added?.Sets ?? [], added?.Folder ?? Path.GetDirectoryName(file)!, null).Require(), file, added?.Sets ?? [], added?.Folder ?? Path.GetDirectoryName(file)!, "serve", keys, changed, left);
            }
            catch (Exception fault) when (fault is WorkflowException or IOException or UnauthorizedAccessException)
            {
                problems.Add($"{file}: {fault.Message}");
                kept.UnionWith(rows.Select(r => r.Key));
            }
        }

        kept.UnionWith(keys);
        var withdrawn = ledger.Write(db =>
        {
            var gone = ScheduleRows.All(db, withdrawn: false).FindAll(r => r.Source == "serve" && !kept.Contains(r.Key)).ConvertAll(r => r.Key);
            foreach (var key in gone)
            {
                Withdraw(db, key, "no job file that is served declares it", ledger.Time.Micros());
            }

            return gone;
        });
        return new ScheduleDeclaration(keys, changed, [.. left, .. withdrawn], problems);
    }

    /// <summary>Declares again where a file came, went or changed since the last time; null where none did. Cheap enough for every sweep. Without paths everything stays as it was declared before.</summary>
    public ScheduleDeclaration? DeclareChanged(IReadOnlyList<string> paths)
    {
        if (paths.Count == 0)
        {
            return null;
        }

        var stamps = paths.SelectMany(Files).Distinct(StringComparer.Ordinal).Select(f => new FileInfo(f)).Where(f => f.Exists).ToDictionary(f => f.FullName, f => (f.LastWriteTimeUtc, f.Length), StringComparer.Ordinal);
        if (seen is not null && stamps.Count == seen.Count && stamps.All(s => seen.TryGetValue(s.Key, out var old) && old == s.Value))
        {
            return null;
        }

        seen = stamps;
        return Declare(paths);
    }

    /// <summary>Declares one job file for good, with arguments of the command line; its schedules stay until they are removed.</summary>
    /// <param name="file">The job file, absolute.</param>
    /// <param name="sets"><c>--set</c> arguments its runs have.</param>
    /// <param name="folder">Folder that paths in <paramref name="sets"/> start from.</param>
    /// <param name="actor">Who adds it.</param>
    /// <exception cref="WorkflowException">It is at fault, or has no schedules.</exception>
    public ScheduleDeclaration Add(string file, IReadOnlyList<string> sets, string folder, string actor)
    {
        var spec = reader(file, sets, folder, null).Require();
        if (spec.Schedules.Count == 0)
        {
            throw new WorkflowException($"{file} has no schedules. Expected a mapping such as schedules: {{ nightly: {{ cron: '30 2 * * *', zone: Europe/Berlin }} }}.", exitCode: 2);
        }

        var (keys, changed, left) = (new List<string>(), new List<string>(), new List<string>());
        Put(spec, file, sets, folder, "add", keys, changed, left, actor);
        return new ScheduleDeclaration(keys, changed, left, []);
    }

    /// <summary>Ends a schedule; its history stays.</summary>
    internal static void Withdraw(LedgerConnection db, string key, string reason, long now)
    {
        db.Execute("UPDATE schedule SET withdrawn_us=?2, withdrawn_reason=?3, next_us=NULL, ring_us=NULL WHERE schedule_key=?1", key, now, reason);
        db.Execute("UPDATE schedule_tick SET outcome='missed', reason='the schedule was withdrawn before it could run', decided_us=?2 WHERE schedule_key=?1 AND outcome='queued'", key, now);
        db.Execute("UPDATE backfill SET ended_us=?2 WHERE schedule_key=?1 AND ended_us IS NULL", key, now);
    }

    static IEnumerable<string> Files(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Where(f => Path.GetExtension(f) is ".yaml" or ".yml").Order(StringComparer.Ordinal)
        : [path];

    void Put(JobSpec job, string file, IReadOnlyList<string> sets, string folder, string source, List<string> keys, List<string> changed, List<string> left, string? actor = null)
    {
        // Told only once it is written: another schedule of the file may be refused.
        var (put, differ, gone) = ledger.Write(db =>
        {
            var (put, differ, gone) = (new List<string>(), new List<string>(), new List<string>());
            foreach (var spec in job.Schedules)
            {
                var key = $"{job.Name}/{spec.Name}";
                var old = ScheduleRows.Find(db, key);
                if (old is { Withdrawn: null } && old.File != file && File.Exists(old.File))
                {
                    throw new WorkflowException($"The schedule {key} is declared by {old.File} already. Give the job or the schedule another name, or remove the other: workflow schedule remove {key}", exitCode: 2);
                }

                if (Write(db, old, key, job.Name, spec, file, sets, folder, source == "serve" && old is { Withdrawn: null } ? old.Source : source))
                {
                    differ.Add(key);
                    if (actor is not null)
                    {
                        db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason) VALUES (?1, ?2, 'schedule.add', ?3, ?4)", ledger.Time.Micros(), actor, key, file);
                    }
                }

                put.Add(key);
            }

            // Entries that left the file, whoever declared it.
            foreach (var row in ScheduleRows.All(db, withdrawn: false).Where(r => r.File == file && !put.Contains(r.Key)))
            {
                Withdraw(db, row.Key, $"{file} no longer declares it", ledger.Time.Micros());
                gone.Add(row.Key);
            }

            return (put, differ, gone);
        });
        keys.AddRange(put);
        changed.AddRange(differ);
        left.AddRange(gone);
    }

    bool Write(LedgerConnection db, ScheduleRow? old, string key, string job, ScheduleSpec spec, string file, IReadOnlyList<string> sets, string folder, string source)
    {
        var now = ledger.Time.GetUtcNow();
        var row = new ScheduleRow
        {
            Key = key,
            Job = job,
            Name = spec.Name,
            File = file,
            Folder = folder,
            Sets = sets,
            Source = source,
            Cron = spec.Cron,
            Dataset = spec.Dataset,
            Zone = spec.Zone,
            Misfire = spec.Misfire,
            Overlap = spec.Overlap,
            Jitter = spec.Jitter,
            Start = spec.Start,
            End = spec.End,
            Priority = spec.Priority,
            FilePaused = spec.Paused,
            Cursor = now,
        };
        var fresh = old is null || old.Withdrawn is not null || Timing(old) != Timing(row);

        // The cursor never goes back, and only what fires at other times starts from now.
        row = old is not null && (!fresh || old.Cursor > now) ? row with { Cursor = old.Cursor } : row;
        if (!fresh && Rest(old!) == Rest(row))
        {
            return false;
        }

        if (fresh && old is { Withdrawn: null, Cron: not null })
        {
            TickRows.AddAll(db, key, [.. old.Due(now).Select(t => new Intent(t, "missed", "the schedule was changed before anybody looked"))], now.Micros());
        }

        db.Execute("""
            INSERT INTO schedule(schedule_key, job, name, file, folder, sets_json, source, cron, dataset, zone, misfire, overlap, jitter_us, start_us, end_us, priority, file_paused, cursor_us, declared_us, changed_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?19)
            ON CONFLICT(schedule_key) DO UPDATE SET file=excluded.file, folder=excluded.folder, sets_json=excluded.sets_json, source=excluded.source, cron=excluded.cron, dataset=excluded.dataset,
              zone=excluded.zone, misfire=excluded.misfire, overlap=excluded.overlap, jitter_us=excluded.jitter_us, start_us=excluded.start_us, end_us=excluded.end_us, priority=excluded.priority,
              file_paused=excluded.file_paused, changed_us=excluded.changed_us, withdrawn_us=NULL, withdrawn_reason=NULL
            """, key, job, spec.Name, file, folder, JsonSerializer.Serialize(sets), source, row.Cron, row.Dataset, row.Zone, Policies.Text(row.Misfire), Policies.Text(row.Overlap),
            (long)row.Jitter.TotalMicroseconds, row.Start?.Micros(), row.End?.Micros(), row.Priority, row.FilePaused, row.Cursor.Micros(), now.Micros());
        if (fresh && row.Dataset is not null)
        {
            db.Execute("UPDATE schedule SET seen_seq=COALESCE((SELECT MAX(seq) FROM dataset_version WHERE dataset=?2), 0) WHERE schedule_key=?1", key, row.Dataset);
        }

        ScheduleRows.Advance(db, row, row.Cursor);
        return true;
    }

    static (string?, string?, string, DateTimeOffset?, DateTimeOffset?) Timing(ScheduleRow row) => (row.Cron, row.Dataset, row.Zone, row.Start, row.End);

    static (string, string, string, string, Misfire, Overlap, TimeSpan, int?, string?) Rest(ScheduleRow row) =>
        (row.File, row.Folder, string.Join('\n', row.Sets), row.Source, row.Misfire, row.Overlap, row.Jitter, row.Priority, row.FilePaused);
}
