
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('news', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='article',
            name='created_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
        ),
        migrations.AddField(
            model_name='attachment',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='news.article'),
        ),
        migrations.AddField(
            model_name='article',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='news.author', verbose_name='author'),
        ),
        migrations.AddField(
            model_name='category',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='news.category', verbose_name='parent category'),
        ),
        migrations.AddField(
            model_name='article',
            name='category',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='news.category', verbose_name='main category'),
        ),
        migrations.AddField(
            model_name='article',
            name='further_categories',
            field=models.ManyToManyField(blank=True, related_name='further_articles', to='news.category', verbose_name='further categories'),
        ),
        migrations.AddField(
            model_name='image',
            name='uploaded_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by'),
        ),
        migrations.AddField(
            model_name='article',
            name='cover',
            field=models.ForeignKey(blank=True, help_text='Shown in lists and when the article is shared.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cover_of', to='news.image', verbose_name='cover picture'),
        ),
        migrations.AddField(
            model_name='listentry',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='list_entries', to='news.article', verbose_name='article'),
        ),
        migrations.AddField(
            model_name='placement',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='placements', to='news.article'),
        ),
        migrations.AddField(
            model_name='placement',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='news.image'),
        ),
        migrations.AddField(
            model_name='revision',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='news.article'),
        ),
        migrations.AddField(
            model_name='revision',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='article',
            name='tags',
            field=models.ManyToManyField(blank=True, related_name='articles', to='news.tag', verbose_name='tags'),
        ),
        migrations.AddField(
            model_name='article',
            name='signature_unit',
            field=models.ForeignKey(blank=True, help_text='The unit that signs at the end of the article.', null=True, on_delete=django.db.models.deletion.PROTECT, to='news.unit', verbose_name='signature unit'),
        ),
        migrations.AddConstraint(
            model_name='listentry',
            constraint=models.UniqueConstraint(fields=('list', 'article'), name='an_article_is_once_in_a_list'),
        ),
        migrations.AddConstraint(
            model_name='listentry',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='an_entry_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(fields=('article', 'number'), name='revision_numbers_are_unique'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['state', '-published_at', '-id'], name='article_newest'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['category', 'state', '-published_at', '-id'], name='article_newest_in_category'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['expires_at'], name='article_ends'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('published_at__isnull', False), _connector='OR'), name='a_published_article_has_a_date'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at', None), ('published_at', None), ('expires_at__gt', models.F('published_at')), _connector='OR'), name='an_article_ends_after_it_begins'),
        ),
    ]
