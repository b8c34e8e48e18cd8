using Workflow.Native;

namespace Workflow.Artifacts;

/// <summary>Turns the folder of an output slot into a sealed artifact: every file flushed and hashed, the manifest written beside them, folders flushed.</summary>
public static class Sealer
{
    /// <summary>Seals one slot.</summary>
    /// <param name="slot">Slot, also the artifact's kind.</param>
    /// <param name="folder">Folder with the slot's files; created where absent.</param>
    /// <param name="manifestFile">Where to write the manifest, outside the folder.</param>
    /// <param name="report">What the stage said.</param>
    /// <exception cref="WorkflowException">A described file is not there, a name twice, or something that is no plain file.</exception>
    public static SealedArtifact Seal(string slot, string folder, string manifestFile, StageReport report)
    {
        Directory.CreateDirectory(folder);
        var members = new List<ManifestMember>();
        var files = new List<SealedFile>();
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            if (entry.LinkTarget is not null)
            {
                throw new WorkflowException($"The stage left a link in its output '{slot}': {entry.Name}. Outputs are plain files.");
            }

            if (entry is not FileInfo file)
            {
                continue;
            }

            Libc.Sync(file.FullName);
            var (hash, size) = ArtifactStore.HashFile(file.FullName);
            var name = Path.GetRelativePath(folder, file.FullName);
            var (rows, logical) = report.Described.GetValueOrDefault((slot, name));
            members.Add(new ManifestMember(name, hash, size, rows, logical ?? hash));
            files.Add(new SealedFile(hash, size, file.FullName));
        }

        foreach (var (_, name) in report.Described.Keys.Where(k => k.Slot == slot && members.TrueForAll(m => m.Name != k.Name)))
        {
            throw new WorkflowException($"The stage described '{name}' of its output '{slot}' but wrote no such file. Found: {string.Join(", ", members.Select(m => m.Name))}.");
        }

        foreach (var (_, member) in report.Included.Where(i => i.Slot == slot))
        {
            members.Add(member);
            files.Add(new SealedFile(member.Hash, member.Size, null));
        }

        members.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        for (var i = 1; i < members.Count; i++)
        {
            if (members[i].Name == members[i - 1].Name)
            {
                throw new WorkflowException($"The stage published '{members[i].Name}' twice in its output '{slot}'.");
            }
        }

        var manifest = new Manifest { Kind = slot, Members = members };
        foreach (var (key, value) in report.Meta.GetValueOrDefault(slot) ?? [])
        {
            manifest.Meta[key] = value;
        }

        files.Add(WriteManifest(manifest, manifestFile));
        foreach (var sub in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
        {
            Libc.Sync(sub);
        }

        return new SealedArtifact(slot, files[^1].Hash, manifest, ManifestText.Logical(manifest), files);
    }

    static SealedFile WriteManifest(Manifest manifest, string file)
    {
        var text = ManifestText.Write(manifest);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        Libc.Sync(file);
        return new SealedFile(CanonicalJson.Hash(text), new FileInfo(file).Length, file);
    }
}
