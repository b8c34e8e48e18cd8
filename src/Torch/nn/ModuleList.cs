using System.Collections;

namespace TorchSharp.Modules;

/// <summary>Modules under the names 0, 1, 2, ...</summary>
public sealed class ModuleList<T> : torch.nn.Module, IReadOnlyList<T>
    where T : torch.nn.Module
{
    readonly List<T> list = [];

    public ModuleList(params T[] modules)
        : base("ModuleList") => append(modules);

    public int Count => list.Count;

    public T this[int index] => list[index];

    public void Add(T item)
    {
        register_module(list.Count.ToString(), item);
        list.Add(item);
    }

    public void append(params T[] parameters)
    {
        foreach (var m in parameters)
        {
            Add(m);
        }
    }

    public IEnumerator<T> GetEnumerator() => list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected internal override void RegisterComponents()
    {
    }
}
